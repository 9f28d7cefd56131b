"""The attention modules."""

import math

import torch
from torch import nn


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def gates(self, x):
        return torch.sigmoid(self.up(torch.relu(self.down(x.mean(dim=(2, 3))))))[:, :, None, None]

    def forward(self, x):
        return x * self.gates(x)


def squeeze_excitation(channels, reduction=16):
    return SqueezeExcitation(channels, reduction)


class CBAM(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.channel = nn.Sequential(
            nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels)
        )
        self.pixel = nn.Conv2d(2, 1, 7, padding=3)

    def by_channel(self, x):
        gates = torch.sigmoid(self.channel(x.mean(dim=(2, 3))) + self.channel(x.amax(dim=(2, 3))))
        return x * gates[:, :, None, None]

    def by_pixel(self, x):
        seen = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.pixel(seen))

    def forward(self, x):
        return self.by_pixel(self.by_channel(x))


def cbam(channels, reduction=16):
    return CBAM(channels, reduction)


class ECA(nn.Module):
    def __init__(self, channels):
        super().__init__()
        size = int((math.log2(channels) + 1) / 2)
        size += 1 - size % 2
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def gates(self, x):
        return torch.sigmoid(self.conv(x.mean(dim=(2, 3))[:, None])[:, 0])[:, :, None, None]

    def forward(self, x):
        return x * self.gates(x)


def eca(channels):
    return ECA(channels)
