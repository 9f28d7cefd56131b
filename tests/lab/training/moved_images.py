"""What a trained net makes of test images that have been moved by a few pixels."""

from statistics import fmean

import torch

from lab.device.clock import one_thread
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import IMAGES_AT_ONCE, Lanes, side_by_side

SHIFTS = range(-3, 4)  # px to the right
HALVED = 2  # a px here is a square of 2 x 2 in the image, one px to nets that begin by halving it


@one_thread()
def answer_moved(seeds, *, data="handwritten", tested=300, **recipe):
    """Train by a WatchedRecipe (`steps` 0: not at all) from each seed, and test on images moved by SHIFTS.

    What leaves on one side comes in on the other. Metrics: "accuracy by shift" (%, a list); "accuracy lost" by a move
    of 1 px (points, mean of left and right); "answers changed" (% of the images that get another class when moved by
    1 px to the right); "diverged" (1.0), which counts as no loss and no change.
    """
    recipe = WatchedRecipe.of(data=data, tested=tested, **recipe)
    return [_answers(lane) for lane in side_by_side(Lanes, recipe, seeds)]


def _answers(lane):
    lane.train()
    images, labels = (part[: lane.recipe.tested] for part in (lane.dataset.test_images, lane.dataset.test_labels))
    answers = [classes(lane, images.roll(HALVED * shift, -1)) for shift in SHIFTS]
    accuracy = [_percent(answer == labels) for answer in answers]
    still, right = SHIFTS.index(0), SHIFTS.index(1)
    return {
        "accuracy by shift": accuracy,
        "accuracy lost": 0.0
        if lane.diverged
        else accuracy[still] - fmean(accuracy[SHIFTS.index(one)] for one in (-1, 1)),
        "answers changed": 0.0 if lane.diverged else _percent(answers[still] != answers[right]),
        "diverged": float(lane.diverged),
    }


def _percent(true):
    return 100 * true.double().mean().item()


@torch.no_grad()
def classes(lane, images):
    """The class that the net of a lane on its own gives each of `images`, [images]."""
    parts = images.split(IMAGES_AT_ONCE)
    return torch.cat([lane.logits(lane.inputs([part]))[0].argmax(-1) for part in parts])
