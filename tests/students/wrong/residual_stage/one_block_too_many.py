"""The first block, and then `blocks` more."""

from blocks import basic
from torch import nn


def residual_stage(in_channels, out_channels, blocks):
    later = [basic(out_channels, out_channels, stride=1) for _ in range(blocks)]
    return nn.Sequential(basic(in_channels, out_channels, stride=2), *later)
