"""4 * width throughout."""

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, in_channels, width, stride):
        super().__init__()
        out = 4 * width
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, 4 * width, 1), nn.BatchNorm2d(4 * width), nn.ReLU(),
            nn.Conv2d(4 * width, 4 * width, 3, stride, padding=1), nn.BatchNorm2d(4 * width), nn.ReLU(),
            nn.Conv2d(4 * width, out, 1), nn.BatchNorm2d(out),
        )  # fmt: skip
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


def bottleneck(in_channels, width, stride=1):
    return Mistaken(in_channels, width, stride)
