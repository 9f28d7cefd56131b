"""No padding."""

from torch import nn


def two_3x3(channels):
    return nn.Sequential(nn.Conv2d(channels, channels, 3), nn.ReLU(), nn.Conv2d(channels, channels, 3))
