"""Layers for many small nets at once, all of them matrix products, which run batched over the nets.

Maps are [..., channels, height, width, images], parameters [..., *shape of torch's own layer]; the dots are a dimension
for the nets, which both have or neither. A batched product treats each net exactly as it would alone: a seed's weights
are the same to the bit whoever rides along. (Grouped `conv2d` is not: its kernel depends on the number of groups, and
it is no faster than one net after another.)
"""
import torch
from torch import nn

from lab.models.layers.windows import patches, put_back

GROUP = 16      # nets that train together take a half to a third of the time each that they take alone


def seeds_at_once(model):
    """How many nets of `model`, a class or a net, train together: stacked, if it says so itself; else each alone."""
    return getattr(model, "seeds_at_once", 1)


class Convolve(torch.autograd.Function):
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
        kernel, flat = weight.shape[-1], grad.flatten(-3)
        to_weight = (flat @ patches(maps, kernel).mT).view_as(weight)
        if not ctx.needs_input_grad[0]:
            return None, to_weight
        return put_back(weight.flatten(-3).mT @ flat, maps.shape, kernel), to_weight


class Linear(nn.Linear):
    """[..., B, in_features] -> [..., B, out_features]."""

    def forward(self, x):
        return super().forward(x) if x.dim() == 2 else torch.baddbmm(self.bias[:, None], x, self.weight.mT)


class Sigmoid(nn.Module):
    """The logistic sigmoid of any shape, by tanh: torch's own rounds the last values of a tensor in another way."""

    def forward(self, x):
        return (1 + torch.tanh(x / 2)) / 2


class ImagesLast(nn.Module):
    """[..., B, C, H, W] -> [..., C, H, W, B]."""

    def forward(self, images):
        return images.movedim(-4, -1).contiguous()


class FlattenImagesFirst(nn.Module):
    """[..., C, H, W, B] -> [..., B, C * H * W], the order of `nn.Flatten` on [B, C, H, W]."""

    def forward(self, maps):
        return maps.flatten(-4, -2).mT
