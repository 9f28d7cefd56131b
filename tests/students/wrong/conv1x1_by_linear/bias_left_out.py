"""The weights alone."""

import torch


def conv1x1_by_linear(weight, bias, images):
    return torch.einsum("oc,nchw->nohw", weight[:, :, 0, 0], images)
