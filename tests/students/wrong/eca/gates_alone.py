"""Returns the gates."""

import math

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, channels):
        super().__init__()
        size = int((math.log2(channels) + 1) / 2)
        size += 1 - size % 2
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, x):
        gates = torch.sigmoid(self.conv(x.mean(dim=(2, 3))[:, None])[:, 0])[:, :, None, None]
        return gates


def eca(channels):
    return Mistaken(channels)
