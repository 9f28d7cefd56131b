"""Networks at work: one forward pass or training step of a batch of random images, in a precision mode, on a device."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision import models

from lab.benchmarking.cost_comparison import Work
from lab.counting.meta_device import run_on_meta, weightless
from lab.counting.multiply_adds import count_multiply_adds, count_training_multiply_adds
from lab.device import MODES, as_graph
from lab.models.inception_later import exercise_inception
from lab.models.lenet import LeNet
from lab.models.unet import UNet
from lab.models.vgg import CifarVGG


@dataclass(frozen=True)
class Network:
    """How to build it, and the side of its images."""

    builder: Callable[[], nn.Module]
    side: int
    channels: int = 3

    def image(self, batch, side=None, **options):
        return torch.rand(batch, self.channels, side or self.side, side or self.side, **options)

    def weightless(self, training=False):
        """The network for its shapes alone, in evaluation mode or in training."""
        with weightless():
            return self.builder().train(training)


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


@cache
def multiply_adds(name, side=None, training=False):
    """Multiply-adds of one image, forward or in a training step: convolutions and matrix products (lab.counting)."""
    network, count = NETWORKS[name], count_training_multiply_adds if training else count_multiply_adds
    images = network.image(2, side, device="meta")  # BatchNorm doesn't train on one
    return count(network.weightless(training), images) // 2


@cache
def numbers_moved(name, side=None):
    """(of one image, whatever the batch): numbers that the layers read and write at least, forward.

    Each layer's input and output once for each image, and its weights and biases once for a batch.
    """
    network = NETWORKS[name]
    model, maps = network.weightless(), 0

    def add(layer, inputs, output):
        nonlocal maps
        maps += sum(tensor.numel() for tensor in (*inputs, output) if isinstance(tensor, torch.Tensor))

    for layer in model.modules():
        if not list(layer.children()):
            layer.register_forward_hook(add)
    run_on_meta(model, network.image(1, side, device="meta"))
    return maps, sum(parameter.numel() for parameter in model.parameters())


def on_device(name, batch, device, side=None, mode=MODES["float32"], training=False):
    """(network, random images), in the mode's memory format."""
    network = NETWORKS[name]
    model = network.builder().to(device, memory_format=mode.memory_format).train(training)
    return model, network.image(batch, side, device=device).to(memory_format=mode.memory_format)


def network_step(name, batch, device, side=None, mode=MODES["float32"], training=False):
    """(step, resident tensors): the step runs one batch of random pixels, and trains on random labels by plain SGD.

    Nothing is copied to the device while it is timed. Weights are random: the layers' time doesn't depend on them.
    """
    model, images = on_device(name, batch, device, side, mode, training)
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


def network_work(name, batch, unit="10^9 multiply-adds", **options):
    """Work for lab.benchmarking.cost_comparison.

    unit: what the cost is counted by, multiply-adds or "image" or "megapixel".
    """
    side = options.get("side") or NETWORKS[name].side
    amount = {"image": 1, "megapixel": side**2 / 1e6}.get(unit) or multiply_adds(name, side) / 1e9
    mode = options.get("mode", MODES["float32"])
    build = lambda batch, device: network_step(name, batch, device, **options)[0]
    return Work(f"{name}, batch {{batch}}, {side} px, {mode.name}", build, amount, unit, batch, mode)
