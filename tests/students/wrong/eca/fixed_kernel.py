"""k = 3, the repository's default."""

import torch
from torch import nn


class Mistaken(nn.Module):
    def __init__(self, channels):
        super().__init__()
        size = 3
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, x):
        gates = torch.sigmoid(self.conv(x.mean(dim=(2, 3))[:, None])[:, 0])[:, :, None, None]
        return x * gates


def eca(channels):
    return Mistaken(channels)
