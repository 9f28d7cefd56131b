"""F(x) + x, as in Yuichi1001/2024-AICS-EXP#1."""

from blocks import Block, basic
from torch import nn


class Mistaken(Block):
    def forward(self, x):
        return self.body(x) + x


def residual_block(channels):
    return Mistaken(basic(channels, channels, stride=1).body, nn.Identity())
