"""nn.MaxPool2d(3)."""

from blocks import InceptionModule
from torch import nn


class Mistaken(InceptionModule):
    def __init__(self, *channels):
        super().__init__(*channels)
        self.pool[0] = nn.MaxPool2d(3)


def inception_module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    return Mistaken(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection)
