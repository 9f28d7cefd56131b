"""What a trial trains, on what and how, written once for every variant of training."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from lab.models.layers.images_last import seeds_at_once

FIRST = 20  # batches whose losses are kept one by one, to tell later whether the same code trained


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that the trials of an arm have in common, whatever their seed; the defaults are the notebook's of exercise 1.

    A trial function takes these fields as keyword arguments. Those that the laboratory asks for by name, `data` and
    `device`, stand in its signature.
    """

    data_dir: str | Path
    model: Callable  # a class or a function that makes a net
    architecture: dict  # the arguments of `model`
    steps: int  # batches
    data: str = "handwritten"  # a data set's name; "handwritten": MNIST, or the embedded digits where it is absent
    pixels: str = "plain"  # how each image is seen: a name of randomness.PIXELS
    aligned: bool = False  # whether the first layer's initial columns are permuted like the pixels
    images: int | None = None  # size of the training subset, drawn by seed; None: all
    batch: int = 64
    lr: float | tuple = 0.01  # a rate, or several, of which each seed keeps the one with the lowest training loss
    momentum: float = 0.5
    tested: int | None = None  # accuracy is measured on the first so many test images; None: all, 0: not at all
    device: str = "cpu"

    @classmethod
    def of(cls, **given):
        """From a trial's keyword arguments: what is no field of the recipe is an argument of the model."""
        names = {field.name for field in fields(cls)}
        architecture = {name: value for name, value in given.items() if name not in names}
        return cls(architecture=architecture, **{name: given[name] for name in given.keys() & names})

    def build(self):
        return self.model(**self.architecture)

    @property
    def rates(self):
        return self.lr if isinstance(self.lr, (tuple, list)) else (self.lr,)

    @property
    def together(self):
        """How many nets train at once.

        A small net's step costs more in calls than in arithmetic, and nets made of matrix products can share the calls.
        A net of torch's own convolutions trains alone: groups of them gain no time, and make a seed's last bits depend
        on the group.
        """
        return seeds_at_once(self.model)


@dataclass(frozen=True, kw_only=True)
class WatchedRecipe(Recipe):
    """For trials that watch a net train, and test it only if asked: at one rate, one net at a time."""

    batch: int = 32
    momentum: float = 0.9
    tested: int | None = 0
    together = 1
