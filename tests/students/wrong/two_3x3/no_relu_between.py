"""Two convolutions in a row."""

from torch import nn


def two_3x3(channels):
    return nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1))
