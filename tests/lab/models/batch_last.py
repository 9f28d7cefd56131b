"""Layers for many small nets at once, all of them matrix products, which run batched over the nets.

Maps are [..., channels, height, width, images], parameters [..., *shape of torch's own layer]; the dots are a dimension
for the nets, which both have or neither. A batched product treats each net exactly as it would alone: a seed's weights
are the same to the bit whoever rides along. (Grouped `conv2d` is not: its kernel depends on the number of groups, and
it is no faster than one net after another.) With the images last, cutting patches and adding them up again moves runs
of whole batches: 20 and 5 times faster than with the images first.
"""
import torch
from torch import nn


def seeds_at_once(model):
    """How many nets of `model`, a class or a net, train together: stacked, if it says so itself; else each alone."""
    return getattr(model, "seeds_at_once", 1)


def patches(maps, kernel):
    """[..., C, H, W, B] -> [..., C * kernel * kernel, h * w * B]: what each output position sees."""
    windows = maps.unfold(-3, kernel, 1).unfold(-3, kernel, 1)              # ..., C, h, w, B, kernel, kernel
    return windows.movedim((-2, -1), (-5, -4)).flatten(-3).flatten(-4, -2)


class _Convolve(torch.autograd.Function):
    """maps [..., C, H, W, B], weight [..., O, C, k, k] -> [..., O, h, w, B], without padding.

    The patches are cut again on the way back: they would be the largest tensor to keep.
    """

    @staticmethod
    def forward(ctx, maps, weight):
        ctx.save_for_backward(maps, weight)
        kernel, height, width = weight.shape[-1], *maps.shape[-3:-1]
        product = weight.flatten(-3) @ patches(maps, kernel)
        return product.unflatten(-1, (height - kernel + 1, width - kernel + 1, -1))

    @staticmethod
    def backward(ctx, grad):
        maps, weight = ctx.saved_tensors
        kernel, (h, w) = weight.shape[-1], grad.shape[-3:-1]
        flat = grad.flatten(-3)
        to_weight = (flat @ patches(maps, kernel).mT).view_as(weight)
        if not ctx.needs_input_grad[0]:
            return None, to_weight
        columns = weight.flatten(-3).mT @ flat
        columns = columns.unflatten(-1, (h, w, -1)).unflatten(-4, (-1, kernel, kernel))
        to_maps = torch.zeros_like(maps)
        for i in range(kernel):
            for j in range(kernel):
                to_maps[..., i:i + h, j:j + w, :] += columns[..., i, j, :, :, :]
        return to_maps, to_weight


class Linear(nn.Linear):
    """[..., B, in_features] -> [..., B, out_features]."""

    def forward(self, x):
        return super().forward(x) if x.dim() == 2 else torch.baddbmm(self.bias[:, None], x, self.weight.mT)


class ImagesLast(nn.Module):
    """[..., B, C, H, W] -> [..., C, H, W, B]."""

    def forward(self, images):
        return images.movedim(-4, -1).contiguous()


class FlattenImagesFirst(nn.Module):
    """[..., C, H, W, B] -> [..., B, C * H * W], the order of `nn.Flatten` on [B, C, H, W]."""

    def forward(self, maps):
        return maps.flatten(-4, -2).mT
