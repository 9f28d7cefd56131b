"""One training loop for every experiment: plain SGD on data in memory, many seeds at once where that pays.

All that is random about a trial is drawn outside the networks (randomness.py). So a trial's values do not depend on
which seeds train beside it, and trials that share a seed are pairs: same initial weights, subset, batches, permutation.
"""
import math
from functools import lru_cache

import torch
from torch.nn.functional import cross_entropy
from torch.optim import SGD

from lab.data.datasets import handwritten_digits, load
from lab.data.pixel_statistics import grey_values
from lab.device import one_thread
from lab.models.layers.images_last import seeds_at_once
from lab.training.randomness import batches, initial_weights, pixel_order, subset

CURVE_POINTS = 40
IMAGES_AT_ONCE = 250        # of an evaluation
MOST_TRAINING_IMAGES = 1000     # of an evaluation


def train_classifier(seeds, *, data_dir, model, steps, data="handwritten", pixels="plain", images=None,
                     batch=64, lr=0.01, momentum=0.5, tested=None, aligned=False, device="cpu", **architecture):
    """Train `model(**architecture)` for `steps` batches from each seed; one dict of metrics a seed.

    images: size of the training subset, drawn by seed (default: all). pixels: a name of randomness.PIXELS. lr: a
    rate, or several, of which each seed keeps the one with the lowest training loss. tested: accuracy is measured on
    the first so many test images (default: all; 0: none). aligned: the first layer's initial columns are permuted like
    the pixels.

    Metrics: "training loss" (mean of the last tenth of the steps), "loss curve" (means of CURVE_POINTS equal parts),
    "learning rate", "training loss by rate"; "test accuracy" and "training accuracy" (%, the latter on as many training
    images, at most MOST_TRAINING_IMAGES), "generalization gap" (their difference, points), each with its smallest
    "... step"; "diverged": 1.0 where loss or logits are not finite, which counts as chance: 1 / classes, ln(classes).
    """
    rates = lr if isinstance(lr, (tuple, list)) else (lr,)
    pairs = [(seed, rate) for seed in seeds for rate in rates]
    # Seeds at once, by model: a small net's step costs more in calls than in arithmetic, and nets made of matrix
    # products can share the calls. A net of torch's own convolutions trains alone: groups of them gain no time, and
    # make a seed's last bits depend on the group.
    together = seeds_at_once(model)
    tried = []
    with one_thread():
        dataset, to_input = _dataset(data, data_dir)
        for start in range(0, len(pairs), together):
            lanes = Lanes(lambda: model(**architecture), pairs[start:start + together], pixels, to_input, device)
            if aligned:
                lanes.align()
            tried += lanes.trial(dataset, images, batch, steps, momentum, tested)
    return [_best_rate(tried[i:i + len(rates)]) for i in range(0, len(pairs), len(rates))]


class Lanes:
    """Networks side by side, one for each pair (seed, learning rate), each with its own batches and pixel order."""

    def __init__(self, build, pairs, pixels, to_input, device="cpu"):
        self.seeds, self.rates = zip(*pairs)
        self.net = initial_weights(build, self.seeds, device)
        self.views = [pixel_order(seed, pixels) for seed in self.seeds]
        self.to_input, self.device = to_input, device

    @property
    def alone(self):
        """Whether the net's parameters and inputs are one net's, and not stacked."""
        return seeds_at_once(self.net) == 1

    def align(self):
        """Permute the first layer's columns like the pixels: its weight [lane, units, pixels] is seen like images."""
        weight = next(self.net.parameters()).data
        weight.copy_(torch.stack([view(rows) for view, rows in zip(self.views, weight)]))

    def trial(self, dataset, images, batch, steps, momentum, tested):
        """Train and test: one dict of metrics a lane; arguments as for `train_classifier`."""
        subsets = [subset(seed, len(dataset.train_images), images) for seed in self.seeds]
        order = [batches(seed, kept, batch, steps) for seed, kept in zip(self.seeds, subsets)]
        losses = self.train(dataset.train_images, dataset.train_labels, order, momentum)
        accuracies, resolution = {}, {}
        if tested != 0:
            test = torch.arange(len(dataset.test_images))[:tested]
            seen = [kept[:min(MOST_TRAINING_IMAGES, len(test))] for kept in subsets]
            accuracies["test accuracy"] = self.accuracy(dataset.test_images, dataset.test_labels, [test] * len(seen))
            accuracies["training accuracy"] = self.accuracy(dataset.train_images, dataset.train_labels, seen)
            resolution = {"test accuracy": 100 / len(test), "training accuracy": 100 / len(seen[0])}
            resolution["generalization gap"] = min(resolution.values())
        classes = int(dataset.train_labels.max()) + 1
        return [{**_metrics(rate, losses[lane], {name: values[lane] for name, values in accuracies.items()}, classes),
                 **{f"{name} step": step for name, step in resolution.items()}}
                for lane, rate in enumerate(self.rates)]

    def train(self, images, labels, order, momentum):
        """One step of SGD for every batch of `order`, index tensors by lane; losses [lane][step]."""
        # Each loss is weighted by its lane's rate: then one optimizer, at rate 1, does for all rates.
        self.weights = torch.tensor(self.rates, device=self.device)
        self.optimizer = SGD(self.net.parameters(), lr=1.0, momentum=momentum, fused=True)
        losses = [self.step(self._see(images, picks), labels[torch.stack(picks)].to(self.device))
                  for picks in zip(*order)]
        return torch.stack(losses).t().tolist()

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

    @torch.no_grad()
    def accuracy(self, images, labels, picks):
        """Percent right by lane, on the images that `picks` names for it; NaN where a logit is not finite."""
        right = []
        for parts in zip(*[pick.split(IMAGES_AT_ONCE) for pick in picks]):
            logits = self.logits(self._see(images, parts)).cpu()
            correct = (logits.argmax(-1) == labels[torch.stack(parts)]).double()
            right.append(correct.masked_fill(~logits.isfinite().all(-1), math.nan))     # argmax of NaN is class 0
        return (100 * torch.cat(right, 1).mean(1)).tolist()

    def logits(self, inputs):
        """[lane, B, classes]."""
        return self.net(*[x[0] for x in inputs])[None] if self.alone else self.net(*inputs)

    def _see(self, images, picks):
        """(each lane's images, seen its way, as network input [lane, B, C, H, W],)."""
        seen = [view(images.index_select(0, pick)) for view, pick in zip(self.views, picks)]
        return self.to_input(torch.stack(seen).to(self.device)),


def cross_entropies(logits, labels):
    """[lane, B, classes], [lane, B] -> [lane]."""
    return cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape).mean(1)


def _metrics(rate, losses, accuracies, classes):
    diverged = not all(math.isfinite(value) for value in [*losses, *accuracies.values()])
    if diverged:
        losses, accuracies = [math.log(classes)] * len(losses), dict.fromkeys(accuracies, 100 / classes)
    last = losses[-max(1, len(losses) // 10):]
    curve = torch.tensor(losses).tensor_split(min(CURVE_POINTS, len(losses)))
    metrics = {"training loss": sum(last) / len(last), "loss curve": [part.mean().item() for part in curve],
               "learning rate": rate, "diverged": float(diverged), **accuracies}
    if accuracies:
        metrics["generalization gap"] = accuracies["training accuracy"] - accuracies["test accuracy"]
    return metrics


def _best_rate(tried):
    best = min(tried, key=lambda metrics: (metrics["diverged"], metrics["training loss"]))
    return {**best, "training loss by rate": [metrics["training loss"] for metrics in tried]}


@lru_cache(maxsize=4)
def _dataset(data, data_dir):
    """The images, and the function that makes them network input: mean 0, variance 1 by channel."""
    dataset = handwritten_digits(data_dir) if data == "handwritten" else load(data, data_dir)
    grey = torch.arange(256, dtype=torch.float64)
    counts = grey_values(dataset.train_images).double()
    means = [(count @ grey / count.sum()).item() for count in counts]
    stds = [(count @ (grey - mean)**2 / count.sum()).sqrt().item() for count, mean in zip(counts, means)]
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (means, stds))

    def to_input(pixels):
        return pixels.float().sub_(mean.to(pixels.device)).div_(std.to(pixels.device))
    return dataset, to_input
