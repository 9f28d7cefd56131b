"""nn.MaxPool2d(3)."""

import torch
from torch import nn


def layer(ins, outs, kernel):
    return nn.Sequential(nn.Conv2d(ins, outs, kernel, padding=kernel // 2), nn.ReLU())


class Module(nn.Module):
    def __init__(self, in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
        super().__init__()
        self.one = layer(in_channels, n1x1, 1)
        self.three = nn.Sequential(layer(in_channels, n3x3_reduce, 1), layer(n3x3_reduce, n3x3, 3))
        self.five = nn.Sequential(layer(in_channels, n5x5_reduce, 1), layer(n5x5_reduce, n5x5, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3), layer(in_channels, pool_projection, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)


def inception_module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    return Module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection)
