"""Networks at work: one forward pass or training step of a batch of random images, in a precision mode, on a device."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision import models

from lab.benchmarking.cost_comparison import Work
from lab.benchmarking.memory import fitting, peak_bytes
from lab.benchmarking.timing import Timing, measure
from lab.counting.meta_device import weightless
from lab.counting.multiply_adds import count_multiply_adds
from lab.device import MODES, Mode, as_graph, precision
from lab.models.inception_later import exercise_inception
from lab.models.lenet import LeNet
from lab.models.unet import UNet
from lab.models.vgg import CifarVGG

BACKWARD = 2  # a backward pass does twice the forward's products: gradients of the inputs and of the weights


@dataclass(frozen=True)
class Network:
    """How to build it, and the side of its images."""

    builder: Callable[[], nn.Module]
    side: int
    channels: int = 3

    def image(self, batch, side=None, **options):
        return torch.rand(batch, self.channels, side or self.side, side or self.side, **options)


NETWORKS = {  # the lecture's, the course's own (32 px) and two that its folklore is about
    "LeNet": Network(partial(LeNet, in_channels=3), 32),
    "VGG of the course": Network(CifarVGG, 32),
    "Inception of the course": Network(exercise_inception, 32),
    "AlexNet": Network(models.alexnet, 224),
    "VGG-16": Network(models.vgg16, 224),
    "GoogLeNet": Network(partial(models.googlenet, aux_logits=False, init_weights=False), 224),
    "Inception v3": Network(partial(models.inception_v3, aux_logits=False, init_weights=False), 299),
    "ResNet-18": Network(models.resnet18, 224),
    "ResNet-50": Network(models.resnet50, 224),
    "ResNet-152": Network(models.resnet152, 224),
    "U-Net": Network(UNet, 572, channels=1),
    "MobileNetV2": Network(models.mobilenet_v2, 224),
    "ViT-B/16": Network(models.vit_b_16, 224),
}


def multiply_adds(name, side=None):
    """Multiply-adds of one image, forward: convolutions and matrix products, without biases (lab.counting)."""
    network = NETWORKS[name]
    with weightless():
        model = network.builder().eval()
    return count_multiply_adds(model, network.image(1, side, device="meta"))


def network_step(name, batch, device, side=None, mode=MODES["float32"], training=False):
    """(step, resident tensors): the step runs one batch of random pixels, and trains on random labels by plain SGD.

    Nothing is copied to the device while it is timed. Weights are random: the layers' time doesn't depend on them.
    """
    network = NETWORKS[name]
    model = network.builder().to(device, memory_format=mode.memory_format).train(training)
    images = network.image(batch, side, device=device).to(memory_format=mode.memory_format)
    run = torch.compile(model) if mode.compiled else model
    with torch.no_grad(), mode.autocast(device):
        shape = model(images).shape  # (N, classes), and (N, classes, H, W) for U-Net
    labels = torch.randint(shape[1], (batch, *shape[2:]), device=device)
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.01), mode.scaler(device)

    def forward():
        with torch.no_grad(), mode.autocast(device):
            run(images)

    def train():
        optimizer.zero_grad()
        with mode.autocast(device):
            loss = cross_entropy(run(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    step = train if training else forward
    return as_graph(step, device) if mode.graph else step, (images, *model.parameters(), *model.buffers())


def network_work(name, batch, device, unit="10^9 multiply-adds", **options):
    """Work for lab.benchmarking.cost_comparison.

    unit: what the cost is counted by, multiply-adds or "image" or "megapixel".
    """
    side = options.get("side") or NETWORKS[name].side
    of_an_image = {"10^9 multiply-adds": multiply_adds(name, side) / 1e9, "image": 1, "megapixel": side**2 / 1e6}
    mode = options.get("mode", MODES["float32"])
    build = lambda batch: network_step(name, batch, device, **options)[0]
    return Work(f"{name}, batch {{batch}}, {side} px, {mode.name}", build, of_an_image[unit], unit, batch, mode)


@dataclass(frozen=True)
class Throughput:
    """One network measured: `batch` is what fitted of `asked`, `multiply_adds` those of a step."""

    name: str
    mode: Mode
    asked: int
    batch: int
    timing: Timing
    bytes: int
    multiply_adds: int
    step: Callable[[], object] = field(repr=False)

    @property
    def images_per_second(self):
        return self.batch / self.timing.median

    @property
    def flops_per_second(self):
        """Two for a multiply-add."""
        return 2 * self.multiply_adds / self.timing.median

    @property
    def spread(self):
        """Images per second, (lower, upper) quartile of the rounds."""
        lower, upper = self.timing.quartiles
        return self.batch / upper, self.batch / lower

    def row(self):
        """Plain data; memory in MiB."""
        return {
            "images_per_second": self.images_per_second,
            "milliseconds": 1000 * self.timing.median,
            "batch": self.batch,
            "out_of_memory_at": self.asked if self.batch < self.asked else None,
            "peak_MiB": self.bytes / 2**20,
        }

    def words(self, peak):
        """One line of a table, with the share of the device's measured peak (lab.benchmarking.roofline)."""
        halved = f" (out of memory at {self.asked})" if self.batch < self.asked else ""
        lower, upper = self.timing.quartiles
        return (
            f"batch {self.batch}{halved}: {self.images_per_second:.4g} images/s, "
            f"{1000 * self.timing.median:.3g} ms ({1000 * lower:.3g} to {1000 * upper:.3g}), "
            f"{self.bytes / 2**20:.3g} MiB, {self.flops_per_second / peak.flops:.0%} of peak"
        )


def throughput(name, batch, device, side=None, mode=MODES["float32"], training=False, rounds=5):
    """Throughput of a network; a batch that doesn't fit is halved until it does, and the result says so.

    Raises NeedsDevice where the device doesn't have the mode.
    """

    def run(batch):
        step, resident = network_step(name, batch, device, side, mode, training)
        return measure(step, device, rounds), peak_bytes(step, device, *resident), step

    with precision(mode, device):
        (timing, memory, step), fitted = fitting(batch, run)
    passes = 1 + BACKWARD * training
    return Throughput(name, mode, batch, fitted, timing, memory, passes * fitted * multiply_adds(name, side), step)
