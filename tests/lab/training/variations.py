"""The training loop with one thing changed: order, labels or scale of the images, or noise that only training sees."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice

import torch
from torch.nn import functional as F

from lab.data.datasets import standardised
from lab.device.clock import one_thread
from lab.training.randomness import stream
from lab.training.recipe import Recipe
from lab.training.sgd import Lanes, at_best_rate

ORDERS = {  # (indices as epochs shuffled anew show them, labels) -> the indices in the order of every epoch
    "as in the file": lambda shown, labels: shown.unique(),
    "sorted by class": lambda shown, labels: (kept := shown.unique())[labels[kept].argsort(stable=True)],
    "shuffled once": lambda shown, labels: shown[: len(shown.unique())],
}
OTHER_SEEDS = 10_000  # from one repetition to the next


@dataclass(frozen=True, kw_only=True)
class VariedRecipe(Recipe):
    """A Recipe, and what may be changed about it."""

    order: str = "shuffled"  # anew every epoch, or a name of ORDERS
    mislabelled: float = 0.0  # share of the training images whose label is drawn at random, the same for all seeds
    constants: tuple | None = None  # of Normalize: (mean, deviation) of pixels 0 to 1; None: the data set's own
    shift: int = 0  # an image to be trained on lies up to so many pixels further down or up, right or left
    dropout: float = 0.0  # chance that a training step leaves out a hidden unit for an image; for nets with masks


@one_thread()
def train_varied(seeds, *, data="handwritten", device="cpu", repetition=0, **recipe):
    """`lab.training.sgd.train_classifier` by a VariedRecipe.

    repetition: another run of the same recipe, with everything random drawn anew.
    """
    recipe = VariedRecipe.of(data=data, device=device, **recipe)
    return at_best_rate(VariedLanes, recipe, [seed + OTHER_SEEDS * repetition for seed in seeds])


class VariedLanes(Lanes):
    """Lanes that train on images in another order, on moved images, or with some units left out; tests are as ever."""

    def __init__(self, recipe, pairs, dataset, to_input):
        labels = partly_random(dataset.train_labels, recipe.mislabelled)
        to_input = (
            partial(standardised, mean=recipe.constants[0], std=recipe.constants[1]) if recipe.constants else to_input
        )
        super().__init__(recipe, pairs, replace(dataset, train_labels=labels), to_input)
        self.shifts = [stream(seed, "shifts") for seed in self.seeds]
        self.masks = [stream(seed, "dropout") for seed in self.seeds]

    def order(self):
        """The images of `Lanes.order`, in the recipe's order."""
        if self.recipe.order == "shuffled":
            return super().order()
        return [in_order(self.recipe.order, list(picks), self.dataset.train_labels) for picks in super().order()]

    def inputs(self, images, training=False):
        """In training, moved images; with dropout also what each hidden unit is multiplied by: 0 or 1 / kept."""
        if training and self.recipe.shift:
            images = [shifted(of_lane, self.recipe.shift, shifts) for of_lane, shifts in zip(images, self.shifts)]
        inputs = super().inputs(images)
        if not (training and self.recipe.dropout):
            return inputs
        shape, kept = (len(images[0]), self.net.hidden), 1 - self.recipe.dropout
        masks = [torch.rand(shape, generator=generator).lt(kept) / kept for generator in self.masks]
        return *inputs, torch.stack(masks).to(self.recipe.device)  # masks [lane, B, hidden]


def in_order(name, picks, labels):
    """As many batches of the same images, in the same order every epoch."""
    whole = ORDERS[name](torch.cat(picks), labels)
    return islice(cycle(whole.split(len(picks[0]))), len(picks))


def shifted(images, most, generator):
    """Each image [B, C, H, W] moved by up to `most` pixels each way, the gap filled with zeros."""
    places = F.pad(images, [most] * 4).unfold(2, images.shape[2], 1).unfold(3, images.shape[3], 1)
    down, right = torch.randint(2 * most + 1, (2, len(images)), generator=generator)
    return places[torch.arange(len(images)), :, down, right]  # of [B, C, 2 most + 1, 2 most + 1, H, W]


def partly_random(labels, share):
    """Labels of which a share is drawn anew, from all classes; the same ones each time."""
    generator = stream(0, "labels")
    chosen = torch.rand(len(labels), generator=generator) < share
    return labels.where(~chosen, torch.randint(int(labels.max()) + 1, (len(labels),), generator=generator))
