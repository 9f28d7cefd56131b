"""The notebooks' own CIFAR-10 results again: their nets, their recipe, from several seeds, on any device.

Source: OUCTheoryGroup/colab_demo, notebooks 05_02, 05_03, 05_05 and 05_06. They never call `net.eval()`: BatchNorm
normalises each test batch by itself, and dropout stays on. "test accuracy" is measured so here too, and the usual one
beside it. (Test images come in one fixed shuffled order: the mean over a batch of a single class would be another one.)

Images stay on the device as bytes; crops and flips are drawn from each seed's own streams, on the CPU, an epoch at a
time, so that a run draws the same on every device and whatever other seeds there are. No step copies to the device or
reads from it: both would wait until it is idle.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy, pad

from lab.data.datasets import load, standardised
from lab.device import one_thread, seconds, steady
from lab.models.attention import CBAM, EfficientChannelAttention, SqueezeExcitation, attach
from lab.models.inception_later import exercise_inception
from lab.models.lenet import LeNet
from lab.models.resnet import ResNet, conv_bn
from lab.models.vgg import CifarVGG
from lab.training.randomness import stream

PADDING = 4  # px on each side before the crop
CIFAR = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)  # as in the notebooks; exercise 3 says what is wrong
HALF = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)


def cifar_resnet18():
    """ResNet-18 with a 3x3 stem of stride 1 and no pooling, so that 32 px are not shrunk at once."""
    net = ResNet(18, classes=10)
    net.stem = nn.Sequential(*conv_bn(3, 64, 3), nn.ReLU())
    return net


def attended_resnet18(attention):
    """The same, with attention(channels) at the end of each branch; weights that both have start alike from a seed."""
    return attach(cifar_resnet18(), attention, last="branch")


@dataclass(frozen=True)
class NotebookRecipe:
    """Ten epochs of Adam at 1e-3, and what differs between the notebooks."""

    build: Callable[[], nn.Module]
    published: float | None  # test accuracy of the notebook's single run, %; None where there is none
    target: float  # %, of the time to accuracy
    batch: int = 128
    augmented: bool = True
    constants: tuple = CIFAR


RECIPES = {
    "LeNet": NotebookRecipe(partial(LeNet, in_channels=3), 64.0, 60, batch=64, augmented=False, constants=HALF),
    "VGG": NotebookRecipe(CifarVGG, 84.92, 80),
    "Inception": NotebookRecipe(exercise_inception, 85.40, 80),
    "ResNet-18": NotebookRecipe(cifar_resnet18, 85.96, 80),
    "ResNet-18, SE": NotebookRecipe(partial(attended_resnet18, SqueezeExcitation), None, 80),
    "ResNet-18, CBAM": NotebookRecipe(partial(attended_resnet18, CBAM), None, 80),
    "ResNet-18, ECA": NotebookRecipe(partial(attended_resnet18, EfficientChannelAttention), None, 80),
}


def train_course_net(seeds, *, data_dir, net, epochs=10, steps=None, batch=None, data="cifar10", device="cpu"):
    """Train RECIPES[net] from each seed, one after another; one dict of metrics a seed.

    steps: at most so many per epoch (a dry run); batch: instead of the recipe's. Raises DataMissing where the data set
    isn't in data_dir.

    Metrics: "test accuracy" as the notebook measures it, "test accuracy in evaluation mode" (both %), "accuracy curve"
    (the latter after each epoch), "training seconds" (summed up to each epoch), "seconds to target" (inf if not
    reached), "training loss" (mean of the last epoch), "diverged" (1.0; counts as chance), "test accuracy step".
    """
    images, recipe = load(data, data_dir), RECIPES[net]
    device = torch.device(device)
    with steady(device):
        return [_train(seed, recipe, images, epochs, steps, batch or recipe.batch, device) for seed in seeds]


train_course_net.time_limit = 24 * 3600  # s a seed: on a CPU core LeNet takes 90, ResNet-18 takes 5.5 hours


def _train(seed, recipe, images, epochs, steps, batch, device):
    torch.manual_seed(seed)  # of the weights, which the CPU draws for every device, and of dropout on the device
    net = recipe.build().to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    train = pad(images.train_images, [PADDING * recipe.augmented] * 4).to(device)
    labels = images.train_labels.to(device)
    shuffled = torch.randperm(len(images.test_labels), generator=stream(0, "test order"))
    test = [tensor[shuffled].to(device) for tensor in (images.test_images, images.test_labels)]
    constants = [torch.tensor(values, device=device) for values in recipe.constants]
    order, crops = stream(seed, "order"), stream(seed, "crops") if recipe.augmented else None
    curve, spent, losses = [], [0.0], []

    def epoch():
        losses.clear()
        net.train()
        for pick, place in _drawn_batches(len(train), batch, steps, order, crops, device):
            loss = cross_entropy(net(_pixels(train[pick], place, *constants)), labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())  # stays on the device: reading it here would wait for the device

    for _ in range(epochs):
        spent.append(spent[-1] + seconds(epoch, device))
        curve.append(accuracy(net.eval(), *test, batch, *constants))
    as_the_notebook_does, usual = accuracy(net.train(), *test, batch, *constants), curve[-1]
    loss, classes = torch.stack(losses).mean().item(), len(images.classes)
    if diverged := not math.isfinite(loss):
        as_the_notebook_does, usual, loss = 100 / classes, 100 / classes, math.log(classes)
    reached = [time for time, percent in zip(spent[1:], curve) if percent >= recipe.target]
    return {
        "test accuracy": as_the_notebook_does,
        "test accuracy in evaluation mode": usual,
        "accuracy curve": curve,
        "training seconds": spent[1:],
        "seconds to target": min(reached, default=math.inf),
        "training loss": loss,
        "diverged": float(diverged),
        "test accuracy step": 100 / len(images.test_labels),
    }


def _drawn_batches(count, batch, steps, order, crops, device):
    """An epoch's batches on the device: pairs of image indices and crop_places, or None where there is no stream."""
    picks = torch.randperm(count, generator=order).split(batch)[:steps]
    places = [None] * len(picks)
    if crops:
        drawn = torch.cat([crop_places(len(pick), crops) for pick in picks], dim=1)
        places = drawn.to(device).split(batch, dim=1)
    return zip(torch.cat(picks).to(device).split(batch), places)


def crop_places(count, generator):
    """(3, count): top and left corner of each image's crop, 0 to 2 * PADDING, and whether it is mirrored."""
    corners = torch.randint(2 * PADDING + 1, (2, count), generator=generator)
    return torch.cat([corners, torch.randint(2, (1, count), generator=generator)])


def crop_and_mirror(padded, places):
    """Windows of padded images (N, C, S + 2 PADDING, S + 2 PADDING) at `places` (3, N) -> (N, C, S, S)."""
    top, left, mirrored = places
    side = padded.shape[-1] - 2 * PADDING
    across = torch.arange(side, device=padded.device)
    rows = top[:, None] + across  # N, S
    columns = left[:, None] + torch.where(mirrored[:, None].bool(), across.flip(0), across)  # N, S
    picked = padded.movedim(1, -1)[
        torch.arange(len(padded), device=padded.device)[:, None, None], rows[:, :, None], columns[:, None, :]
    ]  # N, S, S, C
    return picked.movedim(-1, 1)


def _pixels(images, places, mean, std):
    return standardised(images if places is None else crop_and_mirror(images, places), mean, std)


@torch.no_grad()
def accuracy(net, images, labels, batch, mean, std):
    """Percent right of these images (bytes, on the net's device), in the net's present mode, in batches."""
    right = [
        (net(_pixels(part, None, mean, std)).argmax(1) == truth).sum()
        for part, truth in zip(images.split(batch), labels.split(batch))
    ]
    return 100 * torch.stack(right).sum().item() / len(labels)


@one_thread()
@torch.no_grad()
def first_loss(net, seed, batch=10):
    """Loss of an untrained net on its first batch: random pixels, every class as often as the others."""
    torch.manual_seed(seed)
    logits = RECIPES[net].build()(torch.randn(batch, 3, 32, 32))
    return cross_entropy(logits, torch.arange(batch) % 10).item()


def published(seeds, *, data_dir, accuracy):
    """The trials of a published figure: the same test accuracy (%) whatever the seed; data_dir is not read."""
    return [{"test accuracy": accuracy} for _ in seeds]
