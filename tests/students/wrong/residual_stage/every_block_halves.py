"""The same stride for all blocks."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(ins, outs, 3, stride, padding=1), nn.BatchNorm2d(outs), nn.ReLU(),
            nn.Conv2d(outs, outs, 3, padding=1), nn.BatchNorm2d(outs),
        )  # fmt: skip
        self.shortcut = nn.Identity()
        if stride != 1 or ins != outs:
            self.shortcut = nn.Sequential(nn.Conv2d(ins, outs, 1, stride), nn.BatchNorm2d(outs))

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


def residual_stage(in_channels, out_channels, blocks):
    made = [Block(in_channels, out_channels, 2)]
    for _ in range(blocks - 1):
        made.append(Block(out_channels, out_channels, 2))
    return nn.Sequential(*made)
