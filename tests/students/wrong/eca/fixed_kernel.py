"""k = 3, the repository's default."""

from attention import ECA
from torch import nn


class Mistaken(ECA):
    def __init__(self, channels):
        super().__init__(channels)
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)


def eca(channels):
    return Mistaken(channels)
