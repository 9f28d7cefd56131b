"""Spatial attention, then channel attention."""

from attention import CBAM


class Mistaken(CBAM):
    def forward(self, x):
        return self.by_channel(self.by_pixel(x))


def cbam(channels, reduction=16):
    return Mistaken(channels, reduction)
