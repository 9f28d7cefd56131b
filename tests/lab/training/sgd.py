"""One training loop for every experiment: plain SGD on data in memory, many seeds at once where that pays.

All that is random about a trial is drawn outside the networks (randomness.py). So a trial's values do not depend on
which seeds train beside it, and trials that share a seed are pairs: same initial weights, subset, batches, permutation.
"""

import math
from functools import lru_cache

import torch
from torch.nn.functional import cross_entropy
from torch.optim import SGD

from lab.data.datasets import needed
from lab.data.pixel_statistics import grey_values
from lab.device.clock import one_thread
from lab.models.layers.images_last import seeds_at_once
from lab.training.randomness import batches, initial_weights, pixel_order, subset
from lab.training.recipe import FIRST, Recipe

CURVE_POINTS = 40
IMAGES_AT_ONCE = 250  # of an evaluation
MOST_TRAINING_IMAGES = 1000  # of an evaluation


@one_thread()
def train_classifier(seeds, *, data="handwritten", device="cpu", **recipe):
    """Train and test by a Recipe, given as keyword arguments, from each seed; one dict of metrics a seed.

    Metrics: "training loss" (mean of the last tenth of the steps), "loss curve" (means of CURVE_POINTS equal parts),
    "first losses" (of the first FIRST steps), "learning rate", "training loss by rate"; "test accuracy" and "training
    accuracy" (%, the latter on as many training images, at most MOST_TRAINING_IMAGES), "generalization gap" (their
    difference, points), each with its smallest "... step"; "diverged": 1.0 where loss or logits are not finite, which
    counts as chance: 1 / classes, ln(classes).
    """
    return at_best_rate(Lanes, Recipe.of(data=data, device=device, **recipe), seeds)


def at_best_rate(kind, recipe, seeds):
    """Each seed's metrics at that of its rates which ends with the lowest training loss."""
    tried = [metrics for lanes in side_by_side(kind, recipe, seeds) for metrics in lanes.trial()]
    by_seed = [tried[start : start + len(recipe.rates)] for start in range(0, len(tried), len(recipe.rates))]
    return [
        {
            **min(runs, key=lambda metrics: (metrics["diverged"], metrics["training loss"])),
            "training loss by rate": [metrics["training loss"] for metrics in runs],
        }
        for runs in by_seed
    ]


def side_by_side(kind, recipe, seeds):
    """Lanes of a kind, for every seed at each rate: as many of them together as the recipe says."""
    dataset, to_input = network_input(recipe.data, recipe.data_dir)
    pairs = [(seed, rate) for seed in seeds for rate in recipe.rates]
    for start in range(0, len(pairs), recipe.together):
        yield kind(recipe, pairs[start : start + recipe.together], dataset, to_input)


@lru_cache(maxsize=4)
def network_input(data, data_dir):
    """The images, and the function that makes them network input: mean 0, variance 1 by channel."""
    dataset = needed(data, data_dir)
    grey = torch.arange(256, dtype=torch.float64)
    counts = grey_values(dataset.train_images).double()
    means = [(count @ grey / count.sum()).item() for count in counts]
    stds = [(count @ (grey - mean) ** 2 / count.sum()).sqrt().item() for count, mean in zip(counts, means)]
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (means, stds))

    def to_input(pixels):
        return pixels.float().sub_(mean.to(pixels.device)).div_(std.to(pixels.device))

    return dataset, to_input


class Lanes:
    """Networks side by side, one for each pair (seed, learning rate), each with its own batches and pixel order."""

    def __init__(self, recipe, pairs, dataset, to_input):
        self.recipe, self.dataset, self.to_input = recipe, dataset, to_input
        self.seeds, self.rates = zip(*pairs)
        self.net = initial_weights(recipe.build, self.seeds, recipe.device)
        self.views = [pixel_order(seed, recipe.pixels) for seed in self.seeds]
        if recipe.aligned:
            weight = next(self.net.parameters()).data  # [lane, units, pixels]: its rows are seen like images
            rows = weight.view(*weight.shape[:2], *dataset.train_images.shape[1:])
            weight.copy_(torch.stack([view(of_lane) for view, of_lane in zip(self.views, rows)]).view_as(weight))
        self.subsets = [subset(seed, len(dataset.train_images), recipe.images) for seed in self.seeds]
        # Each loss is weighted by its lane's rate: then one optimizer, at rate 1, does for all rates. Not a fused one,
        # which rounds a parameter by its place in the stack: a seed's last bits would depend on its company.
        self.weights = torch.tensor(self.rates, device=recipe.device)
        self.optimizer = SGD(self.net.parameters(), lr=1.0, momentum=recipe.momentum, foreach=True)

    def trial(self):
        """Train and test: one dict of metrics a lane."""
        losses = self.train()
        accuracies, resolution = self.test() if self.recipe.tested != 0 else ({}, {})
        classes = int(self.dataset.train_labels.max()) + 1
        return [
            {
                **_metrics(rate, losses[lane], {name: values[lane] for name, values in accuracies.items()}, classes),
                **resolution,
            }
            for lane, rate in enumerate(self.rates)
        ]

    def train(self):
        """One step of SGD for every batch; losses [lane][step], where a recipe has steps."""
        images, labels = self.dataset.train_images, self.dataset.train_labels
        losses = [
            self.step(
                self.inputs([images.index_select(0, pick) for pick in picks], training=True),
                labels[torch.stack(picks)].to(self.recipe.device),
            )
            for picks in zip(*self.order())
        ]
        return torch.stack(losses).t().tolist() if losses else [[] for _ in self.seeds]

    @property
    def diverged(self):
        """Whether a parameter of the nets is not finite."""
        return not all(parameter.isfinite().all() for parameter in self.net.parameters())

    def order(self):
        """Each lane's batches, as indices of training images."""
        return [
            batches(seed, kept, self.recipe.batch, self.recipe.steps) for seed, kept in zip(self.seeds, self.subsets)
        ]

    def step(self, inputs, labels):
        """One step at inputs [lane, B, ...] (a tuple of them) and labels [lane, B]; the losses before it [lane]."""
        self.optimizer.zero_grad()
        losses, recorded = self.losses(inputs, labels)
        (self.weights * losses).sum().backward()
        self.optimizer.step()
        return recorded.detach()

    def losses(self, inputs, labels):
        """The losses [lane] that the steps lead down, and those to be recorded: cross-entropies, both."""
        losses = cross_entropies(self.logits(inputs), labels)
        return losses, losses

    def test(self):
        """{accuracy on test images, and on as many training images: [% by lane]}, {their smallest steps}."""
        data = self.dataset
        test = torch.arange(len(data.test_images))[: self.recipe.tested]
        seen = [kept[: min(MOST_TRAINING_IMAGES, len(test))] for kept in self.subsets]
        steps = {"test accuracy step": 100 / len(test), "training accuracy step": 100 / len(seen[0])}
        return (
            {
                "test accuracy": self.accuracy(data.test_images, data.test_labels, [test] * len(seen)),
                "training accuracy": self.accuracy(data.train_images, data.train_labels, seen),
            },
            {**steps, "generalization gap step": min(steps.values())},
        )

    @torch.no_grad()
    def accuracy(self, images, labels, picks):
        """Percent right by lane, on the images that `picks` names for it; NaN where a logit is not finite."""
        right = []
        for parts in zip(*[pick.split(IMAGES_AT_ONCE) for pick in picks]):
            logits = self.logits(self.inputs([images.index_select(0, part) for part in parts])).cpu()
            correct = (logits.argmax(-1) == labels[torch.stack(parts)]).double()
            right.append(correct.masked_fill(~logits.isfinite().all(-1), math.nan))  # argmax of NaN is class 0
        return (100 * torch.cat(right, 1).mean(1)).tolist()

    def logits(self, inputs):
        """[lane, B, classes]; a net that trains alone has no dimension for lanes."""
        alone = seeds_at_once(self.net) == 1
        return self.net(*[x[0] for x in inputs])[None] if alone else self.net(*inputs)

    def inputs(self, images, training=False):
        """Each lane's images [B, C, H, W], in its order of pixels, as the nets' arguments: ([lane, B, C, H, W],)."""
        seen = torch.stack([view(of_lane) for view, of_lane in zip(self.views, images)])
        return (self.to_input(seen.to(self.recipe.device)),)


def cross_entropies(logits, labels):
    """[lane, B, classes], [lane, B] -> [lane]."""
    return cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape).mean(1)


def _metrics(rate, losses, accuracies, classes):
    diverged = not all(math.isfinite(value) for value in [*losses, *accuracies.values()])
    if diverged:
        losses, accuracies = [math.log(classes)] * len(losses), dict.fromkeys(accuracies, 100 / classes)
    last = losses[-max(1, len(losses) // 10) :]
    curve = torch.tensor(losses).tensor_split(min(CURVE_POINTS, len(losses)))
    metrics = {
        "training loss": sum(last) / len(last),
        "loss curve": [part.mean().item() for part in curve],
        "first losses": losses[:FIRST],
        "learning rate": rate,
        "diverged": float(diverged),
        **accuracies,
    }
    if accuracies:
        metrics["generalization gap"] = accuracies["training accuracy"] - accuracies["test accuracy"]
    return metrics
