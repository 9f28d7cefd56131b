"""Residual blocks: the addition and the ReLU after it, the bottleneck, a stage that changes the map's shape."""

import torch.nn.functional as F
from torch import nn

from lab.models.resnet import Residual, basic_branch, bottleneck_branch, shortcut
from lab.students.child.weights import noise
from lab.students.comparing import by_module
from lab.students.judging import Call


class Unactivated(Residual):
    """branch(x) + shortcut(x), without the ReLU after it."""

    def forward(self, x):
        return self.branch(x) + self.shortcut(x)


class ActivatedBefore(Residual):
    """relu(branch(x)) + shortcut(x)."""

    def forward(self, x):
        return F.relu(self.branch(x)) + self.shortcut(x)


class Overwritten(Residual):
    """x = branch(x), and then x + x."""

    def forward(self, x):
        return F.relu(2 * self.branch(x))


class Multiplied(Residual):
    """branch(x) times x."""

    def forward(self, x):
        return F.relu(self.branch(x) * self.shortcut(x))


def block(kind):
    """A builder of blocks with two 3x3 convolutions at `channels`."""
    return lambda channels: kind(basic_branch(channels, channels), nn.Identity())


def bottleneck(kind=Residual, **options):
    """A builder of bottlenecks: 1x1, 3x3, 1x1 to 4 times the width, with a projection where the shape changes."""

    def build(in_channels, width, stride=1):
        branch = bottleneck_branch(in_channels, width, stride, **options)
        out_channels = options.get("out_channels") or 4 * width
        return kind(branch, shortcut("B", in_channels, out_channels, stride))

    return build


def without_projection(in_channels, width, stride=1):
    """x is added as it is, whatever its shape."""
    return Residual(bottleneck_branch(in_channels, width, stride), nn.Identity())


def without_expansion(in_channels, width, stride=1):
    """The last 1x1 goes to `width` channels instead of four times as many."""
    return bottleneck(out_channels=width)(in_channels, width, stride)


def unreduced(in_channels, width, stride=1):
    """The 3x3 works at the width of the output: nothing is narrowed."""
    return bottleneck(out_channels=4 * width)(in_channels, 4 * width, stride)


def stage(in_channels, out_channels, blocks, first=2, later=1):
    """`blocks` residual blocks, of which the first halves the map and widens it."""
    made = []
    for place in range(blocks):
        stride, entering = (later, out_channels) if place else (first, in_channels)
        made.append(
            Residual(basic_branch(entering, out_channels, stride), shortcut("B", entering, out_channels, stride))
        )
    return nn.Sequential(*made)


MISTAKEN_SUMS = {
    "shortcut-not-added": lambda branch, shortcut: Residual(branch, None),
    "relu-before-the-addition": ActivatedBefore,
    "relu-after-the-addition-left-out": Unactivated,
    "input-overwritten": Overwritten,
    "multiplied-instead-of-added": Multiplied,
}

RESIDUAL = {
    "residual_block": by_module(
        calls=[
            Call("7 channels, 11 x 5 px", (7,), images=noise((2, 7, 11, 5), 31)),
            Call("4 channels, 6 x 9 px", (4,), images=noise((2, 4, 6, 9), 32)),
        ],
        right=[block(Residual)],
        mistaken={slug: block(kind) for slug, kind in MISTAKEN_SUMS.items()},
    ),
    "bottleneck": by_module(
        calls=[
            Call("12 channels, width 3", (12, 3), images=noise((2, 12, 7, 5), 33)),
            Call("7 channels, width 3", (7, 3), images=noise((2, 7, 6, 8), 34)),
            Call("12 channels, width 3, stride 2", (12, 3), {"stride": 2}, images=noise((2, 12, 8, 6), 35)),
        ],
        right=[bottleneck(), bottleneck(stride_in_3x3=False)],
        mistaken={
            "no-projection": without_projection,
            "expansion-forgotten": without_expansion,
            "nothing-narrowed": unreduced,
            "relu-before-the-addition": bottleneck(ActivatedBefore),
        },
    ),
    "residual_stage": by_module(
        calls=[
            Call("5 to 7 channels in 3 blocks", (5, 7, 3), images=noise((2, 5, 12, 8), 36)),
            Call("4 to 6 channels in 1 block", (4, 6, 1), images=noise((2, 4, 6, 10), 37)),
        ],
        right=[stage],
        mistaken={
            "one-block-too-few": lambda ins, outs, blocks: stage(ins, outs, max(blocks - 1, 1)),
            "one-block-too-many": lambda ins, outs, blocks: stage(ins, outs, blocks + 1),
            "every-block-halves": lambda ins, outs, blocks: stage(ins, outs, blocks, later=2),
            "map-not-halved": lambda ins, outs, blocks: stage(ins, outs, blocks, first=1),
        },
    ),
}
