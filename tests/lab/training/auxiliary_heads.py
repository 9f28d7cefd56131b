"""Training with auxiliary heads, whose losses are added to the main one's."""
from dataclasses import dataclass
from statistics import fmean

from lab.device import one_thread
from lab.models.inception import loss_with_heads
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, cross_entropies, side_by_side


@dataclass(frozen=True, kw_only=True)
class HeadedRecipe(WatchedRecipe):
    """Training on the main loss plus `head_weight` times that of each head."""

    head_weight: float


@one_thread()
def train_with_heads(seeds, *, data="handwritten", **recipe):
    """Train by a HeadedRecipe from each seed.

    Metrics as sgd.train_classifier, and "mean loss", over all steps: the lower, the faster it fell. Losses and
    accuracies are the main classifier's alone.
    """
    recipe = HeadedRecipe.of(data=data, **recipe)
    return [{**metrics, "mean loss": fmean(metrics["loss curve"])}
            for lanes in side_by_side(HeadedLanes, recipe, seeds) for metrics in lanes.trial()]


class HeadedLanes(Lanes):
    """One lane, which leads the weighted sum of losses down and records the main one."""

    def losses(self, inputs, labels):
        main, *heads = self.net(inputs[0][0], heads=True)
        loss = loss_with_heads([main, *heads], labels[0], self.recipe.head_weight)
        return loss[None], cross_entropies(main.detach()[None], labels)
