"""F(x) * x."""

import torch
from blocks import Block, basic
from torch import nn


class Mistaken(Block):
    def forward(self, x):
        return torch.relu(self.body(x) * x)


def residual_block(channels):
    return Mistaken(basic(channels, channels, stride=1).body, nn.Identity())
