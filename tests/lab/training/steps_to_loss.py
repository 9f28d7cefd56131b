"""How many steps of training a net needs to bring its loss down to a level."""

import math

from lab.device.clock import one_thread
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, side_by_side

WINDOW = 10  # steps over which the loss is averaged
CLASSES = 10  # a diverged run's loss is drawn as chance


@one_thread()
def steps_to_loss(seeds, *, level, data="handwritten", **recipe):
    """Train by a WatchedRecipe from each seed; when does the training loss get below `level`?

    Metrics: "steps", after which the mean loss of the last WINDOW batches is below `level` for the first time, and
    "doublings", their log2 (a difference of 1 is twice as many steps); a run that does not get there, or diverges,
    counts as `steps`. "loss curve": mean of every WINDOW batches; "arrived": 1.0 or 0.0; "diverged".
    """
    recipe = WatchedRecipe.of(data=data, **recipe)
    return [arrival(losses, level) for lanes in side_by_side(Lanes, recipe, seeds) for losses in lanes.train()]


def arrival(losses, level):
    """The metrics of a run with these losses, one a step."""
    means = [sum(losses[end - WINDOW : end]) / WINDOW for end in range(WINDOW, len(losses) + 1)]
    arrived = next((WINDOW + i for i, mean in enumerate(means) if mean < level), None)  # no NaN is below a level
    diverged = not all(map(math.isfinite, losses))
    needed = len(losses) if arrived is None or diverged else arrived
    curve = [math.log(CLASSES) if diverged else mean for mean in means[::WINDOW]]
    return {
        "steps": float(needed),
        "doublings": math.log2(needed),
        "loss curve": curve,
        "arrived": float(arrived is not None and not diverged),
        "diverged": float(diverged),
    }
