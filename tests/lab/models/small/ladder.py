"""Plain and residual twins of any depth 6n + 2, as He et al. 2016 (section 4.2) built them for CIFAR-10.

One 3x3 convolution, three stages of n pairs of 3x3 convolutions on maps of side s, s/2, s/4 with w, 2w, 4w channels,
global average pooling, one linear layer. BatchNorm, always by the batch's own mean and variance, after every
convolution. The residual twin adds each pair's input to its output by shortcut option A (subsample, pad the channels
with zeros), so the twins' parameters are the same.
"""
import torch
from torch import nn
from torch.nn import functional as F


def norm(channels):
    """Keeps no running average, so that a net is its parameters and nothing else."""
    return nn.BatchNorm2d(channels, track_running_stats=False)


class Pair(nn.Module):
    """relu(bn(conv(relu(bn(conv(x))))) + scale * shortcut(x)); the plain twin is without the shortcut."""

    def __init__(self, in_channels, channels, stride, residual, scale=1.0):
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False), norm(channels),
                                    nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1, bias=False), norm(channels))
        self.stride, self.added, self.residual, self.scale = stride, channels - in_channels, residual, scale

    def forward(self, maps):
        out = self.branch(maps)
        if not self.residual:
            return F.relu(out)
        if out.shape != maps.shape:
            maps = F.pad(maps[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.added))
        return F.relu(out.add(maps, alpha=self.scale))


def _zero(pairs):
    """What a branch puts out is 0."""
    for pair in pairs:
        nn.init.zeros_(pair.branch[-1].weight)


def _nearly_identity(pairs):
    """A convolution hands its maps on, and BatchNorm lifts them so far above 0 that ReLU cuts 2 % off."""
    for layer in (layer for pair in pairs for layer in pair.branch):
        if isinstance(layer, nn.Conv2d) and layer.in_channels == layer.out_channels:
            nn.init.dirac_(layer.weight)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.constant_(layer.bias, 2.0)      # standard deviations


STARTS = {"random": lambda pairs: None, "zero": _zero, "near identity": _nearly_identity}


class DepthLadder(nn.Module):
    """`depth` weight layers, [B, in_channels, s, s] -> logits [B, classes].

    `shrink` averages the image over squares of that side first. `scale` multiplies every shortcut; `start`: what the
    pairs do before training, one of STARTS. Raises ValueError for a depth that is not 6n + 2.
    """

    def __init__(self, depth, residual, width=16, in_channels=1, classes=10, shrink=1, scale=1.0, start="random"):
        super().__init__()
        if depth < 8 or depth % 6 != 2:
            raise ValueError(f"depth {depth} is not 6n + 2: take 8, 14, 20, ..., 56")
        channels = [width] + [width * 2**stage for stage in range(3) for _ in range((depth - 2) // 6)]
        pairs = [Pair(i, o, 1 if i == o else 2, residual, scale) for i, o in zip(channels, channels[1:])]
        self.shrink = nn.AvgPool2d(shrink)
        self.stem = nn.Sequential(nn.Conv2d(in_channels, width, 3, padding=1, bias=False), norm(width), nn.ReLU())
        self.pairs = nn.Sequential(*pairs)
        STARTS[start](pairs)
        self.classifier = nn.Linear(channels[-1], classes)
        self.to(memory_format=torch.channels_last)      # a step takes a fifth less time, with so few channels

    def forward(self, images):
        maps = self.pairs(self.stem(self.shrink(images)))
        return self.classifier(maps.mean((2, 3)))
