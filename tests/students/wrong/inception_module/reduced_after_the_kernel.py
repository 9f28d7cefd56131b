"""Kernel first, then 1x1."""

from blocks import InceptionModule, activated
from torch import nn


class Mistaken(InceptionModule):
    def __init__(self, in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
        super().__init__(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection)
        self.three = nn.Sequential(activated(in_channels, n3x3_reduce, 3), activated(n3x3_reduce, n3x3, 1))
        self.five = nn.Sequential(activated(in_channels, n5x5_reduce, 5), activated(n5x5_reduce, n5x5, 1))


def inception_module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    return Mistaken(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection)
