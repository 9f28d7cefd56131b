"""x = ...; x + x, as in werner-duvaud/muzero-general#89."""

import torch
from blocks import Block, basic
from torch import nn


class Mistaken(Block):
    def forward(self, x):
        x = self.body(x)
        x = x + x
        return torch.relu(x)


def residual_block(channels):
    return Mistaken(basic(channels, channels, stride=1).body, nn.Identity())
