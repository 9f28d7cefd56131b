"""Competing designs, and the trials that they are tried with."""
from dataclasses import dataclass
from functools import partial
from inspect import signature

from lab.data.datasets import handwritten_digits, load
from lab.errors import WrongArgument
from lab.experiments.store import trial_key
from lab.models.layers.images_last import seeds_at_once


class Arm:
    """A competing design: a trial function of lab and its recipe, plain data and importable callables. Immutable.

    The trial is called as `trial(seeds, data_dir=..., scale=..., **recipe)` (and `device=...` where it takes one) and
    returns a dict of metrics for each seed. Arms of equal trial and recipe share their trials, whatever their names.
    """
    __slots__ = ("name", "trial", "_recipe")

    def __init__(self, name, trial, /, **recipe):
        if not isinstance(name, str) or not callable(trial):
            raise WrongArgument(f"an arm has a name and a trial function, got {name!r:.60} and {trial!r:.60}: write "
                                "Arm('with ReLU', train_classifier, steps=150)")
        frozen = sorted((key, tuple(value) if isinstance(value, list) else value) for key, value in recipe.items())
        for slot, value in zip(self.__slots__, (name, trial, tuple(frozen))):
            object.__setattr__(self, slot, value)
        try:
            hash(self)
        except TypeError as error:
            raise WrongArgument(f"the recipe of arm {name!r} holds what can be changed ({error}): give numbers, texts "
                                "or tuples of them") from error

    def __setattr__(self, name, value):
        raise AttributeError(f"an arm can't be changed: make another with its own {name}")

    @property
    def recipe(self):
        return dict(self._recipe)

    @property
    def design(self):
        """What its trials depend on."""
        return self.trial, self._recipe

    def __eq__(self, other):
        return isinstance(other, Arm) and (self.name, *self.design) == (other.name, *other.design)

    def __hash__(self):
        return hash((self.name, *self.design))

    def __repr__(self):
        return f"Arm({self.name!r})"

    def __reduce__(self):
        return partial(Arm, self.name, self.trial, **self.recipe), ()


@dataclass(frozen=True)
class Task:
    """An arm in its surroundings: what a worker needs to run it, and what its trials' key is made of."""
    arm: Arm
    data_dir: object
    scale: str
    device: str

    def run(self, seeds):
        """A dict of metrics for each seed, in order."""
        on = {"device": self.device} if "device" in self._parameters else {}
        return self.arm.trial(seeds, data_dir=self.data_dir, scale=self.scale, **on, **self.arm.recipe)

    def split(self, seeds, parts):
        """`seeds` in `parts`: one by one where the model trains one at once; where it trains many, half as many."""
        if self.together:
            parts = len(seeds) if self.together == 1 else parts // 2
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
        return getattr(self.arm.trial, "time_limit", 0)

    def key(self, seed):
        return trial_key(self.arm.trial, {**self.arm.recipe, "scale": self.scale}, seed,
                         self.images and self.images.sha256, self.device)

    @property
    def images(self):
        """The data set that the trial reads: its recipe's, or its own default; None if it takes no `data`."""
        if "data" not in self._parameters:
            return None
        name = self.arm.recipe.get("data", self._parameters["data"].default)
        return handwritten_digits(self.data_dir) if name == "handwritten" else load(name, self.data_dir)

    @property
    def _parameters(self):
        return signature(self.arm.trial).parameters
