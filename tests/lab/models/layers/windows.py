"""Cutting maps with the images last into what a kernel sees, and adding the pieces up again.

Maps are [..., C, H, W, images]; the dots are a dimension for nets side by side, or nothing. A position of a map is a
row, whose numbers lie together, one an image. So to cut is to pick rows by a table made once, and to put back is to sum
those rows that came from one position: torch does each in one call, where slices or windows take one for each place.
"""
from functools import lru_cache

import torch
from torch.nn.functional import embedding_bag


def patches(maps, side, stride=1):
    """[..., C, H, W, B] -> [..., C * side * side, h * w * B]: what each of h x w windows sees, every `stride` rows."""
    seen = _seen(maps.shape[-4:-1], side, stride, maps.device)
    return maps.flatten(-4, -2).index_select(-2, seen.flatten()).unflatten(-2, seen.shape).flatten(-2)


def put_back(pieces, shape, side, stride=1):
    """[..., C * side * side, h * w * B] -> maps of `shape`: each is the sum of what lies where it was cut."""
    *nets, channels, height, width, images = shape
    order, starts = _came_from((channels, height, width), side, stride, *nets, device=pieces.device)
    return embedding_bag(order, pieces.reshape(-1, images), starts, mode="sum").view(shape)


@lru_cache
def _seen(shape, side, stride, device):
    """[C * side * side, h * w]: the position, of all C * H * W, that each place of each window sees."""
    positions = torch.arange(shape.numel(), device=device).view(shape)
    windows = positions.unfold(1, side, stride).unfold(2, side, stride)         # C, h, w, side, side
    return windows.permute(0, 3, 4, 1, 2).flatten(3).flatten(0, 2)


@lru_cache
def _came_from(shape, side, stride, nets=1, *, device):
    """Rows of pieces, by the position that they were cut from; and where in this list each position's rows begin."""
    positions = _seen(torch.Size(shape), side, stride, device).flatten()
    counts = positions.bincount(minlength=torch.Size(shape).numel())
    order, starts = positions.argsort(stable=True), counts.cumsum(0) - counts
    first = len(positions) * torch.arange(nets, device=device)[:, None]         # of each net
    return (order + first).flatten(), (starts + first).flatten()
