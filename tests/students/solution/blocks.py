"""The modules of the lecture."""

import torch
from torch import nn


def two_3x3(channels):
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1)
    )


def activated(in_channels, out_channels, kernel_size):
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2), nn.ReLU())


class InceptionModule(nn.Module):
    def __init__(self, in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
        super().__init__()
        self.one = activated(in_channels, n1x1, 1)
        self.three = nn.Sequential(activated(in_channels, n3x3_reduce, 1), activated(n3x3_reduce, n3x3, 3))
        self.five = nn.Sequential(activated(in_channels, n5x5_reduce, 1), activated(n5x5_reduce, n5x5, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), activated(in_channels, pool_projection, 1))

    def branches(self, x):
        return [self.one(x), self.three(x), self.five(x), self.pool(x)]

    def forward(self, x):
        return torch.cat(self.branches(x), dim=1)


def inception_module(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection):
    return InceptionModule(in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_projection)


def lenet():
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


class Block(nn.Module):
    """relu(body(x) + shortcut(x))."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def conv(in_channels, out_channels, kernel_size, stride=1):
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(out_channels))


def shortcut(in_channels, out_channels, stride):
    same = in_channels == out_channels and stride == 1
    return nn.Identity() if same else conv(in_channels, out_channels, 1, stride)


def basic(in_channels, out_channels, stride):
    body = nn.Sequential(conv(in_channels, out_channels, 3, stride), nn.ReLU(), conv(out_channels, out_channels, 3))
    return Block(body, shortcut(in_channels, out_channels, stride))


def residual_block(channels):
    return basic(channels, channels, stride=1)


def residual_stage(in_channels, out_channels, blocks):
    later = [basic(out_channels, out_channels, stride=1) for _ in range(blocks - 1)]
    return nn.Sequential(basic(in_channels, out_channels, stride=2), *later)


def narrowed(in_channels, width, out_channels, stride):
    return nn.Sequential(
        conv(in_channels, width, 1), nn.ReLU(), conv(width, width, 3, stride), nn.ReLU(), conv(width, out_channels, 1)
    )


def bottleneck(in_channels, width, stride=1):
    return Block(narrowed(in_channels, width, 4 * width, stride), shortcut(in_channels, 4 * width, stride))
