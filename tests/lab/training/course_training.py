"""Training by the notebooks' own recipe for CIFAR-10, from several seeds, on any device.

The notebooks never call `net.eval()`: BatchNorm normalises each test batch by itself, and dropout stays on. "test
accuracy" is measured so here too, and the usual one beside it, both in float32. (Test images come in one fixed shuffled
order: the mean over a batch of a single class would be another one.)

Images stay on the device as bytes; crops and flips are drawn from each seed's own streams, on the CPU, an epoch at a
time, so that a run draws the same on every device and whatever other seeds there are. No step copies to the device or
reads from it: both would wait until it is idle.
"""

import math
import os
import pickle
from contextlib import suppress

import torch
from torch.nn.functional import cross_entropy, pad

from lab.data.datasets import load, standardised
from lab.device.clock import seconds, steady
from lab.device.modes import MODES, precision
from lab.training.course_nets import RECIPES
from lab.training.crops import PADDING, crop_and_mirror, crop_places
from lab.training.randomness import stream
from lab.training.recipe import FIRST


def train_course_net(
    seeds,
    *,
    data_dir,
    net,
    epochs=10,
    steps=None,
    batch=None,
    data="cifar10",
    mode="float32",
    device="cpu",
    checkpoints=None,
):
    """Train RECIPES[net] from each seed, one after another; one dict of metrics a seed.

    steps: at most so many per epoch (a dry run); batch: instead of the recipe's; mode: the name of one of
    lab.device.MODES; checkpoints: {seed: path} of files that hold a seed's training after each epoch, until it ends.
    Raises DataMissing where the data set isn't in data_dir, NeedsDevice where the device doesn't have the mode.

    Metrics: "test accuracy" as the notebook measures it, "test accuracy in evaluation mode" (both %), "accuracy curve"
    (the latter after each epoch), "training seconds" (summed up to each epoch), "seconds to target" (inf if not
    reached), "training loss" (mean of the last epoch), "first losses" (of the first FIRST batches), "diverged" (1.0;
    counts as chance), "test accuracy step".
    """
    images, device = load(data, data_dir), torch.device(device)
    with steady(device), precision(MODES[mode], device):
        trainings = (CourseTraining(seed, RECIPES[net], images, steps, batch, MODES[mode], device) for seed in seeds)
        return [_to_the_end(training, epochs, (checkpoints or {}).get(training.seed)) for training in trainings]


train_course_net.time_limit = 24 * 3600  # s a seed: on a CPU core LeNet takes 90, ResNet-18 takes 5.5 hours


def first_losses(seed, *, data_dir, net, data="cifar10", mode="float32", device="cpu"):
    """The losses of a seed's first FIRST batches, those that train_course_net keeps among its metrics."""
    images, device = load(data, data_dir), torch.device(device)
    with steady(device), precision(MODES[mode], device):
        training = CourseTraining(seed, RECIPES[net], images, FIRST, None, MODES[mode], device)
        training.train_an_epoch()
    return training.first


def _to_the_end(training, epochs, checkpoint):
    """The metrics after so many epochs, those before an interruption among them."""
    if checkpoint:
        with suppress(OSError, EOFError, RuntimeError, KeyError, pickle.UnpicklingError):  # none, or none that is whole
            training.resume(torch.load(checkpoint, map_location=training.device, weights_only=True))
    while len(training.curve) < epochs:
        training.epoch()
        if checkpoint:
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            torch.save(training.state(), f"{checkpoint}.new")
            os.replace(f"{checkpoint}.new", checkpoint)
    metrics = training.metrics()
    if checkpoint:
        checkpoint.unlink()
    return metrics


class CourseTraining:
    """A net that trains from one seed, an epoch at a time."""

    def __init__(self, seed, recipe, images, steps, batch, mode, device):
        self.seed, self.recipe, self.steps, self.batch = seed, recipe, steps, batch or recipe.batch
        self.mode, self.device = mode, device
        torch.manual_seed(seed)  # of the weights, which the CPU draws for every device, and of dropout on the device
        self.net = recipe.build().to(device, memory_format=mode.memory_format)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=0.001)
        self.train = pad(images.train_images, [PADDING * recipe.augmented] * 4).to(device)
        self.labels = images.train_labels.to(device)
        shuffled = torch.randperm(len(images.test_labels), generator=stream(0, "test order"))
        self.test = [tensor[shuffled].to(device) for tensor in (images.test_images, images.test_labels)]
        self.constants = [torch.tensor(values, device=device) for values in recipe.constants]
        self.order, self.crops = stream(seed, "order"), stream(seed, "crops") if recipe.augmented else None
        self.curve, self.spent, self.losses, self.first = [], [0.0], [], []

    def epoch(self):
        """Train on every image once, and test in evaluation mode."""
        self.train_an_epoch()
        self.curve.append(self.accuracy(self.net.eval()))

    def train_an_epoch(self):
        """Train on every image once, or on so many batches as `steps` says."""
        self.losses = []
        self.net.train()
        self.spent.append(self.spent[-1] + seconds(self._steps, self.device))
        self.losses = torch.stack(self.losses).tolist()
        self.first += self.losses[: FIRST - len(self.first)]

    def _steps(self):
        for pick, place in _drawn_batches(len(self.train), self.batch, self.steps, self.order, self.crops, self.device):
            pixels = self._pixels(self.train[pick], place)
            with self.mode.autocast(self.device):
                loss = cross_entropy(self.net(pixels), self.labels[pick])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.losses.append(loss.detach())  # stays on the device: reading it here would wait for the device

    def _pixels(self, images, places=None):
        seen = standardised(images if places is None else crop_and_mirror(images, places), *self.constants)
        return seen.contiguous(memory_format=self.mode.memory_format)

    @torch.no_grad()
    def accuracy(self, net):
        """Percent right of the test images, in the net's present mode, in batches."""
        images, labels = self.test
        right = [
            (net(self._pixels(part)).argmax(1) == truth).sum()
            for part, truth in zip(images.split(self.batch), labels.split(self.batch))
        ]
        return 100 * torch.stack(right).sum().item() / len(labels)

    def metrics(self):
        """As train_course_net says."""
        usual, classes = self.curve[-1], int(self.labels.max()) + 1
        as_the_notebook_does, loss = self.accuracy(self.net.train()), sum(self.losses) / len(self.losses)
        if diverged := not math.isfinite(loss):
            as_the_notebook_does, usual, loss = 100 / classes, 100 / classes, math.log(classes)
        reached = [time for time, percent in zip(self.spent[1:], self.curve) if percent >= self.recipe.target]
        return {
            "test accuracy": as_the_notebook_does,
            "test accuracy in evaluation mode": usual,
            "accuracy curve": self.curve,
            "training seconds": self.spent[1:],
            "seconds to target": min(reached, default=math.inf),
            "training loss": loss,
            "first losses": self.first,
            "diverged": float(diverged),
            "test accuracy step": 100 / len(self.test[1]),
        }

    def state(self):
        """All that the rest of the training depends on, and what was measured so far."""
        return {
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": [each.get_state() for each in self._generators()],
            "measured": [self.curve, self.spent, self.losses, self.first],
        }

    def resume(self, state):
        """Go on where another training of this seed was when it gave this `state`."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, drawn in zip(self._generators(), state["generators"], strict=True):
            generator.set_state(drawn.cpu())
        self.curve, self.spent, self.losses, self.first = state["measured"]

    def _generators(self):
        """Of the order, of crops, and of dropout, which draws from the device's own."""
        default = torch.cuda.default_generators[self.device.index or 0] if self.device.type == "cuda" else None
        return [self.order, *([self.crops] if self.crops else []), default or torch.default_generator]


def _drawn_batches(count, batch, steps, order, crops, device):
    """An epoch's batches on the device: pairs of image indices and crop_places, or None where there is no stream."""
    picks = torch.randperm(count, generator=order).split(batch)[:steps]
    places = [None] * len(picks)
    if crops:
        drawn = torch.cat([crop_places(len(pick), crops) for pick in picks], dim=1)
        places = drawn.to(device).split(batch, dim=1)
    return zip(torch.cat(picks).to(device).split(batch), places)
