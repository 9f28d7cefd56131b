"""SE and spatial attention."""

import torch
from attention import CBAM


class Mistaken(CBAM):
    def by_channel(self, x):
        return x * torch.sigmoid(self.channel(x.mean(dim=(2, 3))))[:, :, None, None]


def cbam(channels, reduction=16):
    return Mistaken(channels, reduction)
