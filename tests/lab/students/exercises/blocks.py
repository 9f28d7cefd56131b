"""Modules of the lecture: two 3x3 in the place of a 5x5, the Inception module, the exercise's LeNet."""

import torch
from torch import nn

from lab.models.inception import Branches, Inception, conv_relu
from lab.models.lenet import LeNet
from lab.students.child.weights import noise
from lab.students.comparing import by_module
from lab.students.judging import Call


def two_3x3(channels, padding=1, between=nn.ReLU, last=nn.Identity):
    """(N, C, H, W) -> (N, C, H, W): 3x3, ReLU, 3x3."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=padding),
        between(),
        nn.Conv2d(channels, channels, 3, padding=padding),
        last(),
    )


class OnAxis(Inception):
    """Concatenates on another axis than the channels'."""

    def __init__(self, *widths, dim):
        super().__init__(*widths)
        self.dim = dim

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=self.dim)


def reduced_afterwards(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    """The 1x1 comes after the costly kernel, which then works on all channels."""
    return Branches(
        conv_relu(in_channels, n1x1, 1),
        nn.Sequential(conv_relu(in_channels, n3x3_reduce, 3), conv_relu(n3x3_reduce, n3x3, 1)),
        nn.Sequential(conv_relu(in_channels, n5x5_reduce, 5), conv_relu(n5x5_reduce, n5x5, 1)),
        nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv_relu(in_channels, pool_projection, 1)),
    )


def pooled_with_stride(*widths):
    """nn.MaxPool2d(3), whose stride is 3 unless told otherwise: the branches no longer fit."""
    module = Inception(*widths)
    module.branches[3][0] = nn.MaxPool2d(3)
    return module


def without_relu(*widths):
    """Convolutions only."""
    module = Inception(*widths)
    for branch in module.modules():
        if isinstance(branch, nn.Sequential) and isinstance(branch[-1], nn.ReLU):
            branch[-1] = nn.Identity()
    return module


def like_lenet(**options):
    """A builder of the exercise's net with something else in it."""
    return lambda: LeNet(**{"in_channels": 3, **options})


def bordered_lenet():
    """A border of 2 px makes 36 px of 32, and 6 x 6 of the last maps' 5 x 5."""
    net = LeNet(in_channels=3)
    net.classifier[0] = nn.Linear(16 * 6 * 6, 120)
    return nn.Sequential(nn.ZeroPad2d(2), net)


BLOCKS = {
    "two_3x3": by_module(
        calls=[
            Call("7 channels, 11 x 5 px", (7,), images=noise((2, 7, 11, 5), 21)),
            Call("4 channels, 6 x 9 px", (4,), images=noise((2, 4, 6, 9), 22)),
        ],
        right=[two_3x3, lambda channels: two_3x3(channels, last=nn.ReLU)],
        mistaken={
            "border-forgotten": lambda channels: two_3x3(channels, padding=0),
            "one-5x5": lambda channels: nn.Conv2d(channels, channels, 5, padding=2),
            "no-relu-between": lambda channels: two_3x3(channels, between=nn.Identity),
        },
    ),
    "inception_module": by_module(
        calls=[
            Call("branches of 5, 7, 3 and 2 maps", (11, 5, 4, 7, 6, 3, 2), images=noise((2, 11, 6, 9), 23)),
            Call("four branches of 3 maps", (5, 3, 2, 3, 4, 3, 3), images=noise((2, 5, 7, 4), 24)),
        ],
        right=[Inception],
        mistaken={
            "stacked-on-the-wrong-axis": lambda *widths: OnAxis(*widths, dim=2),
            "stacked-as-images": lambda *widths: OnAxis(*widths, dim=0),
            "reduced-after-the-kernel": reduced_afterwards,
            "pooling-with-stride": pooled_with_stride,
            "relu-left-out": without_relu,
        },
    ),
    "lenet": by_module(
        calls=[Call("2 images of CIFAR-10's size", (), images=noise((2, 3, 32, 32), 25))],
        right=[like_lenet()],
        mistaken={
            "one-input-channel": like_lenet(in_channels=1),
            "sigmoid-for-relu": like_lenet(activation=nn.Sigmoid),
            "average-pooling": like_lenet(pool=nn.AvgPool2d),
            "softmax-at-the-end": lambda: nn.Sequential(LeNet(3), nn.Softmax(dim=1)),
            "border-added": bordered_lenet,
        },
    ),
}
