"""Attention modules: SE, CBAM and ECA, each a gate between 0 and 1 that multiplies what came in."""

import torch
from torch import nn

from lab.models.attention import (
    ChannelAttention,
    EfficientChannelAttention,
    SpatialAttention,
    SqueezeExcitation,
)
from lab.students.child.weights import noise
from lab.students.comparing import by_module
from lab.students.judging import Call


def joined(module_class, join):
    """A builder whose modules join gate and input by `join(gate, x)` instead of multiplying."""

    class Joined(module_class):
        def forward(self, x):
            return join(self.gate(x), x)

    return Joined


def ungated(module_class):
    """A builder whose gates are left without the sigmoid, from minus to plus infinity."""
    return joined(module_class, lambda gate, x: torch.logit(gate.double()).float() * x)


class PeakSqueeze(SqueezeExcitation):
    """Squeezes each map to its maximum."""

    def gate(self, x):
        return self.excite(x.amax(dim=(2, 3), keepdim=True))


class MeanOnly(ChannelAttention):
    """CBAM's channel attention without the maximum: SE's."""

    def gate(self, x):
        return torch.sigmoid(self.mlp(x.mean(dim=(2, 3), keepdim=True)))


class SumOfGates(ChannelAttention):
    """Each of the two through a sigmoid of its own: gates up to 2."""

    def gate(self, x):
        mean, peak = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        return torch.sigmoid(self.mlp(mean)) + torch.sigmoid(self.mlp(peak))


def spatial(batch_norm):
    """CBAM's spatial attention as in the authors' code, or without BatchNorm as in the paper."""
    module = SpatialAttention()
    if not batch_norm:
        module.bn = nn.Identity()
    return module


def cbam(batch_norm, channel=ChannelAttention, spatial_first=False):
    """A builder of CBAM, its halves replaced or exchanged."""

    def build(channels, reduction=16):
        halves = [channel(channels, reduction), spatial(batch_norm)]
        return nn.Sequential(*reversed(halves) if spatial_first else halves)

    return build


def both(**options):
    """With and without BatchNorm, whichever fits the student's layers: (builders, by which one is named mistaken)."""
    return [cbam(batch_norm, **options) for batch_norm in (True, False)]


def eca(kind):
    """A builder of ECA modules of a kind."""
    return lambda channels: kind(channels)


SE_CALLS = [
    Call("32 channels, reduction 16", (32,), images=noise((2, 32, 5, 7), 41)),
    Call("12 channels, reduction 4", (12,), {"reduction": 4}, images=noise((2, 12, 6, 3), 42)),
]

ATTENTION = {
    "squeeze_excitation": by_module(
        calls=SE_CALLS,
        right=[lambda channels, reduction=16: SqueezeExcitation(channels, reduction)],
        mistaken={
            "no-reduction": lambda channels, reduction=16: SqueezeExcitation(channels, 1),
            "gate-without-sigmoid": lambda channels, reduction=16: ungated(SqueezeExcitation)(channels, reduction),
            "gates-alone": lambda channels, reduction=16: joined(SqueezeExcitation, lambda g, x: g)(
                channels, reduction
            ),
            "gate-added": lambda channels, reduction=16: joined(SqueezeExcitation, torch.add)(channels, reduction),
            "squeezed-to-the-maximum": lambda channels, reduction=16: PeakSqueeze(channels, reduction),
        },
    ),
    "cbam": by_module(
        calls=SE_CALLS,
        right=both(),
        mistaken={
            "spatial-first": both(spatial_first=True),
            "mean-only": both(channel=MeanOnly),
            "two-sigmoids": both(channel=SumOfGates),
            "channel-attention-alone": lambda channels, reduction=16: ChannelAttention(channels, reduction),
        },
    ),
    "eca": by_module(
        calls=[
            Call("32 channels", (32,), images=noise((2, 32, 5, 7), 43)),
            Call("256 channels", (256,), images=noise((2, 256, 3, 2), 44)),
        ],
        right=[EfficientChannelAttention],
        mistaken={
            "fixed-kernel": lambda channels: EfficientChannelAttention(channels, k=3),
            "gate-without-sigmoid": eca(ungated(EfficientChannelAttention)),
            "gates-alone": eca(joined(EfficientChannelAttention, lambda gate, x: gate)),
        },
    ),
}
