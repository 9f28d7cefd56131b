"""Out at the width between."""

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, in_channels, width, stride):
        super().__init__()
        out = width
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, width, 1), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, out, 1), nn.BatchNorm2d(out),
        )  # fmt: skip
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


def bottleneck(in_channels, width, stride=1):
    return Mistaken(in_channels, width, stride)
