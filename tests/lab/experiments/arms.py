"""Competing designs, and the trials that they are tried with."""

from dataclasses import dataclass
from inspect import signature
from pathlib import Path

from lab.data.datasets import needed
from lab.errors import WrongArgument
from lab.execution.environment import environment
from lab.experiments.store import trial_key
from lab.models.layers.images_last import seeds_at_once


@dataclass(frozen=True, init=False)
class Arm:
    """A competing design: a trial function of lab and its recipe, plain data and importable callables.

    The trial is called as `trial(seeds, data_dir=..., **recipe)` (and `device=...` where it takes one) and returns a
    dict of metrics for each seed. Arms of equal design share their trials, whatever their names.
    """

    name: str
    design: tuple  # (trial, recipe as sorted pairs): what its trials depend on

    def __init__(self, name, trial, /, **recipe):
        if not isinstance(name, str) or not callable(trial):
            raise WrongArgument(
                f"an arm has a name and a trial function, got {name!r:.60} and {trial!r:.60}: write "
                "Arm('with ReLU', train_classifier, steps=150)"
            )
        pairs = sorted((key, tuple(value) if isinstance(value, list) else value) for key, value in recipe.items())
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "design", (trial, tuple(pairs)))
        try:
            hash(self)
        except TypeError as error:
            raise WrongArgument(
                f"the recipe of arm {name!r} holds what can be changed ({error}): give numbers, texts or tuples of them"
            ) from error

    @property
    def trial(self):
        return self.design[0]

    @property
    def recipe(self):
        return dict(self.design[1])

    @property
    def time_limit(self):
        """Seconds that the trial asks for a seed, where it takes long; else 0."""
        return getattr(self.trial, "time_limit", 0)

    @property
    def modules(self):
        """Names of the modules that its trial, and what its recipe names, are in."""
        return {part.__module__ for part in (self.trial, *self.recipe.values()) if callable(part)}

    @property
    def reads_images(self):
        """Whether the trial takes the name of a data set."""
        return "data" in signature(self.trial).parameters


@dataclass(frozen=True)
class Task:
    """An arm with the data folder and the device of its run: all that a worker needs."""

    arm: Arm
    data_dir: object
    device: str = "cpu"
    checkpoints: Path | None = None  # a folder for what a trial keeps of itself while it trains

    def run(self, seeds):
        """A dict of metrics for each seed, in order."""
        taken = {"device": self.device} if "device" in self._parameters else {}
        if self.checkpoints and "checkpoints" in self._parameters:
            taken["checkpoints"] = {seed: self.checkpoints / trial_key(self, seed) for seed in seeds}
        return self.arm.trial(seeds, data_dir=self.data_dir, **taken, **self.arm.recipe)

    def split(self, seeds, parts):
        """`seeds` in `parts`: one by one where the model trains one at once; where it trains many, half as many.

        One by one as well where a seed takes long: what has arrived is stored.
        """
        if self.time_limit or self.together == 1:
            parts = len(seeds)
        elif self.together:
            parts //= 2
        parts = max(1, min(parts, len(seeds)))
        return [seeds[part::parts] for part in range(parts)] if seeds else []

    @property
    def together(self):
        """How many seeds the arm's model trains at once; None for a trial without a model."""
        model = self.arm.recipe.get("model")
        return model and seeds_at_once(model)

    @property
    def time_limit(self):
        """Seconds that the trial asks for a seed, where it does."""
        return self.arm.time_limit

    @property
    def environment(self):
        """See lab.execution.environment. Raises DataMissing where the data set isn't there."""
        return environment(self.arm.modules, self.images and f"{self.images.name} {self.images.sha256}", self.device)

    @property
    def images(self):
        """The data set that the trial reads: its recipe's, or its own default; None if it takes no `data`."""
        if not self.arm.reads_images:
            return None
        name = self.arm.recipe.get("data", self._parameters["data"].default)
        return needed(name, self.data_dir)

    @property
    def _parameters(self):
        return signature(self.arm.trial).parameters
