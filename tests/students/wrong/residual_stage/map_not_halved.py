"""Stride 1 throughout."""

from blocks import basic
from torch import nn


def residual_stage(in_channels, out_channels, blocks):
    later = [basic(out_channels, out_channels, stride=1) for _ in range(blocks - 1)]
    return nn.Sequential(basic(in_channels, out_channels, stride=1), *later)
