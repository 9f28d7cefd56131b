"""A trained net with BatchNorm, tested after `net.eval()` and without."""

import torch

from lab.device.clock import one_thread
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, side_by_side

BATCHES = 2, 10, 50, 250  # test images at once


@one_thread()
def both_modes(seeds, *, data="handwritten", tested=250, **recipe):
    """Train by a WatchedRecipe (`steps` 0: not at all) from each seed, and test in evaluation and in training mode.

    The model keeps running averages, as torch's BatchNorm does unless told otherwise. Metrics: "evaluation mode" (% of
    the test images right, whatever their order and batches); in training mode "mixed" and "sorted by class" (%, lists
    by BATCHES), and for each of BATCHES "lost, mixed, 2 at a time" and so on, or "lost, sorted, ..." (points less than
    in evaluation mode). "diverged" (1.0), where not all parameters are finite, counts as nothing lost.
    """
    recipe = WatchedRecipe.of(data=data, tested=tested, **recipe)
    return [_tested(lane) for lane in side_by_side(Lanes, recipe, seeds)]


def _tested(lane):
    lane.train()
    labels = lane.dataset.test_labels[: lane.recipe.tested]
    orders = {"mixed": torch.arange(len(labels)), "sorted": labels.argsort(stable=True)}
    usual = accuracy(lane, orders["mixed"], len(labels), training=False)
    found = {name: [accuracy(lane, order, batch, training=True) for batch in BATCHES] for name, order in orders.items()}
    return {
        "evaluation mode": usual,
        "mixed": found["mixed"],
        "sorted by class": found["sorted"],
        **{
            f"lost, {name}, {batch} at a time": 0.0 if lane.diverged else usual - percent
            for name, by_batch in found.items()
            for batch, percent in zip(BATCHES, by_batch)
        },
        "diverged": float(lane.diverged),
    }


@torch.no_grad()
def accuracy(lane, order, batch, training):
    """Percent right of the test images of these indices, so many at a time, in one of the two modes."""
    lane.net.train(training)
    right = 0
    for pick in order.split(batch):
        logits = lane.logits(lane.inputs([lane.dataset.test_images[pick]]))[0]
        right += (logits.argmax(-1) == lane.dataset.test_labels[pick]).sum().item()
    return 100 * right / len(order)
