"""Shuffles the first dimension."""

import torch


def shuffle_pixels(images, seed):
    torch.manual_seed(seed)
    return images[torch.randperm(len(images))]
