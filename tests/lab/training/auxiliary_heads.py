"""Training with auxiliary heads, whose losses are added to the main one's."""

from functools import partial
from statistics import fmean

from lab.device.clock import one_thread
from lab.models.inception import loss_with_heads
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, cross_entropies, side_by_side


@one_thread()
def train_with_heads(seeds, *, head_weight, data="handwritten", **recipe):
    """Train by a WatchedRecipe from each seed, on the main loss plus `head_weight` times that of each head.

    Metrics as sgd.train_classifier, and "mean loss", over all steps: the lower, the faster it fell. Losses and
    accuracies are the main classifier's alone.
    """
    kind = partial(HeadedLanes, head_weight)
    return [
        {**metrics, "mean loss": fmean(metrics["loss curve"])}
        for lanes in side_by_side(kind, WatchedRecipe.of(data=data, **recipe), seeds)
        for metrics in lanes.trial()
    ]


class HeadedLanes(Lanes):
    """One lane, which leads the weighted sum of losses down and records the main one."""

    def __init__(self, head_weight, *lane):
        super().__init__(*lane)
        self.head_weight = head_weight

    def losses(self, inputs, labels):
        main, *heads = self.net(inputs[0][0], heads=True)
        loss = loss_with_heads([main, *heads], labels[0], self.head_weight)
        return loss[None], cross_entropies(main.detach()[None], labels)
