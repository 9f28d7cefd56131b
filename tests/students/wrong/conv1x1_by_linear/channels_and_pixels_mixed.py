"""reshape(-1, C) of (N, C, H, W)."""

import torch.nn.functional as F


def conv1x1_by_linear(weight, bias, images):
    n, channels, height, width = images.shape
    rows = images.reshape(-1, channels)
    return F.linear(rows, weight.flatten(1), bias).reshape(n, -1, height, width)
