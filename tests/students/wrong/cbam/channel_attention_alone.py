"""The first half."""

from attention import CBAM


class Mistaken(CBAM):
    def __init__(self, channels, reduction):
        super().__init__(channels, reduction)
        del self.pixel

    def forward(self, x):
        return self.by_channel(x)


def cbam(channels, reduction=16):
    return Mistaken(channels, reduction)
