"""Spatial attention, then channel attention."""

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.two = nn.Sequential(
            nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels)
        )
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(1)

    def by_channel(self, x):
        mean, peak = self.two(x.mean(dim=(2, 3))), self.two(x.amax(dim=(2, 3)))
        return x * torch.sigmoid(mean + peak)[:, :, None, None]

    def by_pixel(self, x):
        seen = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.bn(self.conv(seen)))

    def forward(self, x):
        return self.by_channel(self.by_pixel(x))


def cbam(channels, reduction=16):
    return Mistaken(channels, reduction)
