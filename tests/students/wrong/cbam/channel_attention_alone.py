"""The first half."""

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.two = nn.Sequential(
            nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels)
        )

    def by_channel(self, x):
        mean, peak = self.two(x.mean(dim=(2, 3))), self.two(x.amax(dim=(2, 3)))
        return x * torch.sigmoid(mean + peak)[:, :, None, None]

    def forward(self, x):
        return self.by_channel(x)


def cbam(channels, reduction=16):
    return Mistaken(channels, reduction)
