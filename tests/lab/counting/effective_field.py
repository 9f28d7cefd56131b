"""To which part of its window a unit really listens (W. Luo et al. 2016, arXiv:1701.04128)."""

import torch


def gradient_field(module, images):
    """[height, width]: the gradient, at each pixel, of the sum of the module's central units; sum over all `images`.

    The module maps images [B, C, H, W] to maps.
    """
    images = images.detach().clone().requires_grad_()
    maps = module(images)
    height, width = maps.shape[-2:]
    maps[:, :, height // 2, width // 2].sum().backward()
    return images.grad.sum((0, 1))


def central_share(field):
    """The share of `field` [side, side], not negative, in the central square of half its side, a quarter of its area.

    Pixels that the square's edge cuts count in part, so that an even field has a share of exactly 1/4.
    """
    side = len(field)
    pixel = torch.arange(side, dtype=field.dtype)
    inside = ((pixel + 1).clamp(max=3 * side / 4) - pixel.clamp(min=side / 4)).clamp(min=0)
    return (inside @ field @ inside / field.sum()).item()
