"""Everything random about a trial, drawn outside the networks from streams of its own seed."""

import math
import zlib
from functools import cache, partial
from itertools import islice

import numpy as np
import torch

from lab.models.layers.images_last import seeds_at_once


def stream(seed, purpose):
    """A generator of its own for each seed and purpose: no draw depends on how many were made for something else."""
    return torch.Generator().manual_seed(zlib.crc32(purpose.encode()) << 31 | seed)


def initial_weights(build, seeds, device="cpu"):
    """A net with what `build()` draws right after `torch.manual_seed(seed)`.

    If several such nets can train together, it is all of them at once: its parameters are [seeds, *shape].
    """
    nets = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            nets.append(build().to(device))
    net = nets[0]
    if seeds_at_once(net) > 1:
        for parameter, *drawn in zip(net.parameters(), *(net.parameters() for net in nets)):
            parameter.data = torch.stack([p.data for p in drawn])
    return net


def subset(seed, count, size=None):
    """`size` of `count` indices in random order (default: all)."""
    return torch.randperm(count, generator=stream(seed, "subset"))[:size]


def batches(seed, indices, batch, steps):
    """`steps` index tensors: a new random order of `indices` for each epoch, whose last batch may be smaller."""
    generator = stream(seed, "order")
    epochs = math.ceil(steps / math.ceil(len(indices) / batch))
    orders = (indices[torch.randperm(len(indices), generator=generator)] for _ in range(epochs))
    return islice((pick for order in orders for pick in order.split(batch)), steps)


def _plain(generator):
    return lambda images: images


def _identity(generator):
    return lambda images: _permuted(images, torch.arange(images[0].numel()))


def _one_permutation(generator):
    order = cache(partial(torch.randperm, generator=generator))  # drawn for the first images
    return lambda images: _permuted(images, order(images[0].numel()))


def _permuted(images, order):
    return images.flatten(1).index_select(1, order).view_as(images)


def _within_blocks(side, generator):
    """Each square of side x side has a permutation of its own; those at the border may be smaller."""

    @cache  # drawn for the first images
    def order(height, width):
        block = (torch.arange(height)[:, None] // side * width + torch.arange(width) // side).flatten()
        mixed = torch.empty_like(block)
        drawn = torch.rand(len(block), generator=generator, dtype=torch.float64)
        mixed[block.argsort(stable=True)] = (block + drawn).argsort()
        return mixed

    return lambda images: images.flatten(2).index_select(2, order(*images.shape[2:])).view_as(images)


def _new_permutation_per_image(generator):
    draw = np.random.default_rng(generator.initial_seed())  # NumPy shuffles rows three times faster than a sort
    return lambda images: torch.from_numpy(draw.permuted(images.flatten(1).numpy(), axis=1)).view_as(images)


PIXELS = {
    "plain": _plain,
    "identity permutation": _identity,
    "one permutation": _one_permutation,
    **{f"within {side}x{side} blocks": partial(_within_blocks, side) for side in (2, 4, 7, 14)},
    "new permutation per image": _new_permutation_per_image,
}


def pixel_order(seed, name):
    """The function [B, C, H, W] -> same through which a trial sees its images; name: one of PIXELS."""
    return PIXELS[name](stream(seed, "pixels"))
