"""torch.randperm without the seed."""

import torch

calls = iter(range(100))


def shuffle_pixels(images, seed):
    torch.manual_seed(next(calls))
    order = torch.randperm(images[0, 0].numel())
    return images.flatten(2)[:, :, order].reshape(images.shape)
