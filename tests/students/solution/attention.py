"""The attention modules."""

import math

import torch
from torch import nn


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        gates = torch.sigmoid(self.up(torch.relu(self.down(x.mean(dim=(2, 3))))))
        return x * gates[:, :, None, None]


def squeeze_excitation(channels, reduction=16):
    return SqueezeExcitation(channels, reduction)


class CBAM(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.channel = nn.Sequential(
            nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels)
        )
        self.pixel = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x):
        gates = torch.sigmoid(self.channel(x.mean(dim=(2, 3))) + self.channel(x.amax(dim=(2, 3))))
        x = x * gates[:, :, None, None]
        seen = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.pixel(seen))


def cbam(channels, reduction=16):
    return CBAM(channels, reduction)


class ECA(nn.Module):
    def __init__(self, channels):
        super().__init__()
        size = int((math.log2(channels) + 1) / 2)
        size += 1 - size % 2
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, x):
        gates = torch.sigmoid(self.conv(x.mean(dim=(2, 3))[:, None])[:, 0])
        return x * gates[:, :, None, None]


def eca(channels):
    return ECA(channels)
