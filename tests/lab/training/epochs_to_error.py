"""How many epochs a net needs to bring its training error down to a level, as in figure 1 of AlexNet's paper."""

import math
from itertools import takewhile

from lab.device.clock import one_thread
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, cross_entropies, side_by_side

CHANCE = 90.0  # % wrong of ten classes: what a diverged run's error is drawn as


@one_thread()
def epochs_to_error(seeds, *, level, epochs, images, batch=128, data="cifar10", **recipe):
    """Train by a WatchedRecipe from each seed until an epoch's training error (%) is below `level`, or for `epochs`.

    The error of an epoch is that of its batches, each before its own step. Metrics: "epochs", which with the part of an
    epoch that a straight line between the last two errors leaves out is no whole number; "doublings", their log2 (a
    difference of 1 is twice as many); a run that does not get there, or diverges, counts as `epochs`. "error curve":
    % by epoch, the last one repeated to the end; "arrived": 1.0 or 0.0; "diverged".
    """
    steps = math.ceil(images / batch)
    recipe = WatchedRecipe.of(data=data, images=images, batch=batch, steps=steps * epochs, **recipe)
    runs = []
    for lanes in side_by_side(UntilError, recipe, seeds):
        lanes.until(level, steps)
        lanes.train()
        runs.append(arrival(lanes.errors(), level, epochs))
    return runs


class UntilError(Lanes):
    """One lane, which trains until an epoch's error is below a level."""

    def until(self, level, steps):
        """level: %; steps: of an epoch."""
        self.level, self.steps, self.wrong = level, steps, []

    def order(self):
        """The batches of `Lanes.order`, until the level is reached."""
        [picks] = super().order()
        return [takewhile(lambda _: not self.done(), picks)]

    def losses(self, inputs, labels):
        """As `Lanes.losses`, noting the share of wrong answers."""
        logits = self.logits(inputs)
        wrong = (logits.argmax(-1) != labels).float().mean()
        self.wrong.append(100 * wrong.item() if logits.isfinite().all() else math.nan)
        losses = cross_entropies(logits, labels)
        return losses, losses

    def done(self):
        """After an epoch: whether its error is below the level, or not a number."""
        if len(self.wrong) % self.steps or not self.wrong:
            return False
        return not self.errors()[-1] >= self.level

    def errors(self):
        """% by epoch."""
        starts = range(0, len(self.wrong), self.steps)
        return [sum(self.wrong[start : start + self.steps]) / self.steps for start in starts]


def arrival(errors, level, epochs):
    """The metrics of a run with these errors, one an epoch, of at most `epochs`."""
    arrived, diverged = errors[-1] < level, not all(map(math.isfinite, errors))
    needed = float(epochs)
    if arrived:
        before = errors[-2] if len(errors) > 1 else CHANCE
        needed = len(errors) - (level - errors[-1]) / (before - errors[-1])
    curve = [CHANCE] * len(errors) if diverged else errors
    return {
        "epochs": needed,
        "doublings": math.log2(needed),
        "error curve": curve + [curve[-1]] * (epochs - len(curve)),
        "arrived": float(arrived),
        "diverged": float(diverged),
    }
