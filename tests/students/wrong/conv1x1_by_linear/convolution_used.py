"""F.conv2d."""

import torch.nn.functional as F


def conv1x1_by_linear(weight, bias, images):
    return F.conv2d(images, weight, bias)
