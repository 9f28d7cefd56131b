"""Attention modules that drop into any convolutional block: each multiplies its input by gates between 0 and 1.

SE: J. Hu et al., "Squeeze-and-Excitation Networks", arXiv:1709.01507. CBAM: S. Woo et al., arXiv:1807.06521, with the
biases and the BatchNorm of the authors' code (Jongchan/attention-module). ECA: Q. Wang et al., arXiv:1910.03151.
"""

import math
from collections.abc import Callable

import torch
from torch import nn


class Attention(nn.Module):
    """x -> gate(x) * x, shape kept. Subclasses give `gate`: values in (0, 1), of a shape that broadcasts to x."""

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, x):
        return self.gate(x) * x


class SqueezeExcitation(Attention):
    """SE (eqs. 2-4): squeeze each map to its mean, excite through a bottleneck of C / r units.

    2 C^2 / r weights and C / r + C biases.
    """

    def __init__(self, channels: int, r: int = 16):
        super().__init__()
        self.excite = nn.Sequential(
            nn.Conv2d(channels, channels // r, 1), nn.ReLU(), nn.Conv2d(channels // r, channels, 1), nn.Sigmoid(),
        )

    def gate(self, x):
        return self.excite(x.mean(dim=(2, 3), keepdim=True))                  # (N, C, 1, 1)


class ChannelAttention(Attention):
    """CBAM's first half (eq. 2): SE's bottleneck on the maps' means and on their maxima, summed before the sigmoid."""

    def __init__(self, channels: int, r: int = 16):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, channels // r, 1), nn.ReLU(), nn.Conv2d(channels // r, channels, 1),
        )

    def gate(self, x):
        mean, peak = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        return torch.sigmoid(self.mlp(mean) + self.mlp(peak))                 # (N, C, 1, 1)


class SpatialAttention(Attention):
    """CBAM's second half (eq. 3): 7x7 convolution over each pixel's mean and maximum. 98 weights and a BatchNorm."""

    def __init__(self, kernel_size: int = 7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.bn = nn.BatchNorm2d(1)

    def gate(self, x):
        mean, peak = x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)
        return torch.sigmoid(self.bn(self.conv(torch.cat([mean, peak], dim=1))))     # (N, 1, H, W)


class CBAM(nn.Sequential):
    """Channel attention, then spatial attention (eq. 1)."""

    def __init__(self, channels: int, r: int = 16, kernel_size: int = 7):
        super().__init__(ChannelAttention(channels, r), SpatialAttention(kernel_size))


def eca_kernel_size(channels: int, gamma: int = 2, b: int = 1) -> int:
    """ECA's rule (its fig. 3's code): (log2(C) + b) / gamma, cut to an integer and, if even, made odd by adding 1."""
    t = int(abs((math.log2(channels) + b) / gamma))
    return t if t % 2 else t + 1


class EfficientChannelAttention(Attention):
    """ECA: a channel's gate looks at k neighbouring channels, with one kernel of k weights for all. No bias."""

    def __init__(self, channels: int, k: int | None = None):
        super().__init__()
        k = k or eca_kernel_size(channels)
        self.conv = nn.Conv1d(1, 1, k, padding=k // 2, bias=False)

    def gate(self, x):
        means = x.mean(dim=(2, 3))[:, None, :]                                # (N, 1, C): slides along the channels
        return torch.sigmoid(self.conv(means)).transpose(1, 2)[..., None]     # (N, C, 1, 1)


def attach(net: nn.Module, attention: Callable[[int], nn.Module], last: str = "bn3") -> nn.Module:
    """Put attention(channels) at the end of every residual branch of `net`, before the addition, and return `net`.

    `last` names where the branch ends in its block: "bn3" in torchvision's bottlenecks, "bn2" in its basic blocks,
    "branch" in lab.models.resnet. Raises ValueError when no block has it.
    """
    blocks = [module for module in net.modules() if hasattr(module, last)]
    if not blocks:
        raise ValueError(f"no block has a {last!r}: name the last layer of the residual branch with last=...")
    for block in blocks:
        end = getattr(block, last)
        norm = end[-1] if isinstance(end, nn.Sequential) else end             # its BatchNorm knows the channels
        setattr(block, last, nn.Sequential(end, attention(norm.num_features)))
    return net
