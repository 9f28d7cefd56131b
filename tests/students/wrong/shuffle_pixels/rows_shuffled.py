"""Shuffles the rows."""

import torch


def shuffle_pixels(images, seed):
    order = torch.randperm(images.shape[2], generator=torch.Generator().manual_seed(seed))
    return images[:, :, order]
