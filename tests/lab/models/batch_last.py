"""Layers for many small nets at once: maps are [channels, height, width, images], every layer a matrix product.

`torch.vmap` over seeds turns a matrix product into a batched one, which treats each seed exactly as it would alone:
a seed's weights are the same to the bit whoever rides along. (vmap's grouped `conv2d` is not: its kernel depends on
the number of groups, and it is no faster than one net after another.) With the images last, cutting patches and
adding them up again moves runs of whole batches: 20 and 5 times faster than with the images first.
"""
import torch
from torch import nn


def patches(maps, kernel):
    """[C, H, W, B] -> [C * kernel * kernel, h * w * B]: what each output position sees."""
    windows = maps.unfold(1, kernel, 1).unfold(2, kernel, 1)      # C, h, w, B, kernel, kernel
    return windows.permute(0, 4, 5, 1, 2, 3).reshape(maps.shape[0] * kernel**2, -1)


class _Convolve(torch.autograd.Function):
    """weight [O, C, k, k] * maps [C, H, W, B] -> [O, h, w, B], without padding.

    The patches are cut again on the way back: they would be the largest tensor to keep.
    """
    generate_vmap_rule = True

    @staticmethod
    def forward(maps, weight):
        kernel, height, width = weight.shape[-1], *maps.shape[1:3]
        product = weight.flatten(1) @ patches(maps, kernel)
        return product.view(weight.shape[0], height - kernel + 1, width - kernel + 1, -1)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad):
        maps, weight = ctx.saved_tensors
        kernel, (out_channels, h, w, _) = weight.shape[-1], grad.shape
        flat = grad.reshape(out_channels, -1)
        to_weight = (flat @ patches(maps, kernel).t()).view_as(weight)
        if not ctx.needs_input_grad[0]:
            return None, to_weight
        columns = (weight.flatten(1).t() @ flat).view(-1, kernel, kernel, h, w, maps.shape[-1])
        to_maps = torch.zeros_like(maps)
        for i in range(kernel):
            for j in range(kernel):
                to_maps[:, i:i + h, j:j + w] += columns[:, i, j]
        return to_maps, to_weight


class ImagesLast(nn.Module):
    """[B, C, H, W] -> [C, H, W, B]."""

    def forward(self, images):
        return images.permute(1, 2, 3, 0).contiguous()


class FlattenImagesFirst(nn.Module):
    """[C, H, W, B] -> [B, C * H * W], the order of `nn.Flatten` on [B, C, H, W]."""

    def forward(self, maps):
        return maps.flatten(0, 2).t()
