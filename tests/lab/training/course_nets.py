"""The nets of the notebooks' CIFAR-10 results, and how the notebooks train them.

Source: OUCTheoryGroup/colab_demo, notebooks 05_02, 05_03, 05_05 and 05_06.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lab.device.clock import one_thread
from lab.models.attention import CBAM, EfficientChannelAttention, SqueezeExcitation, attach
from lab.models.inception_later import exercise_inception
from lab.models.lenet import LeNet
from lab.models.resnet import ResNet, conv_bn
from lab.models.vgg import CifarVGG

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
    """Ten epochs of Adam at 1e-3, and what differs between the notebooks.

    mode: the name of one of lab.device.MODES, ours: bf16 takes half the time on processors and GPUs that have it.
    """

    build: Callable[[], nn.Module]
    published: float | None  # test accuracy of the notebook's single run, %; None where there is none
    target: float  # %, of the time to accuracy
    batch: int = 128
    augmented: bool = True
    constants: tuple = CIFAR
    mode: str = "bf16 autocast, channels_last"


RECIPES = {
    "LeNet": NotebookRecipe(
        partial(LeNet, in_channels=3), 64.0, 60, batch=64, augmented=False, constants=HALF, mode="float32"
    ),
    "VGG": NotebookRecipe(CifarVGG, 84.92, 80),
    "Inception": NotebookRecipe(exercise_inception, 85.40, 80),
    "ResNet-18": NotebookRecipe(cifar_resnet18, 85.96, 80),
    "ResNet-18, SE": NotebookRecipe(partial(attended_resnet18, SqueezeExcitation), None, 80),
    "ResNet-18, CBAM": NotebookRecipe(partial(attended_resnet18, CBAM), None, 80),
    "ResNet-18, ECA": NotebookRecipe(partial(attended_resnet18, EfficientChannelAttention), None, 80),
}


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
