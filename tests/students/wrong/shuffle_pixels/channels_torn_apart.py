"""A permutation for each channel."""

import torch


def shuffle_pixels(images, seed):
    torch.manual_seed(seed)
    flat = images.flatten(2).clone()
    for channel in range(images.shape[1]):
        flat[:, channel] = flat[:, channel, torch.randperm(flat.shape[2])]
    return flat.reshape(images.shape)
