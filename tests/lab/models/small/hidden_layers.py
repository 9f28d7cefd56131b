"""Nets with one hidden layer, which differ in what its units see and share; after LeCun's ladder of nets, 1989.

The image, 28 x 28 px, is first averaged over 2 x 2 px. Weights of the hidden layer with m maps, without biases:
every unit of 10 x 10 x m sees all pixels: 196 x 100 m; its own 5 x 5 px window: 25 x 100 m; the window, with one
kernel for all units of a map: 25 m. Y. LeCun, "Generalization and network design strategies", 1989 (CRG-TR-89-4).
"""
import torch
from torch import nn
from torch.nn import functional as F

from lab.models.layers.conv_relu_pool import ConvReluPool
from lab.models.layers.images_last import FlattenImagesFirst, ImagesLast, Linear
from lab.models.layers.windows import patches
from lab.models.small.shrink import Halve

SIDE, KERNEL = 14, 5        # px
PLACES = SIDE - KERNEL + 1  # of the kernel, along a side


class Wide(nn.Module):
    """196-hidden-10, [B, 1, 28, 28] -> logits [B, 10]; `mask` [B, hidden] multiplies the hidden units."""
    seeds_at_once = 8       # a step is a few small matrix products: the seeds share them as batched ones

    def __init__(self, hidden=300):
        super().__init__()
        self.hidden = hidden
        self.shrink, self.first, self.last = Halve(), Linear(SIDE**2, hidden), Linear(hidden, 10)

    def forward(self, images, mask=None):
        units = F.relu(self.first(self.shrink(images).flatten(-3)))
        return self.last(units if mask is None else units * mask)


class WideConvolutional(nn.Sequential):
    """A 5x5 convolution, relu, 2x2 max-pooling to 25 units a map, a linear layer: [B, 1, 28, 28] -> logits [B, 10]."""

    def __init__(self, maps=12):
        super().__init__(Halve(), ImagesLast(), ConvReluPool(1, maps, KERNEL), FlattenImagesFirst(),
                         nn.Linear(maps * (PLACES // 2)**2, 10))


class MaxPooled(nn.Module):
    """`maps` maps of 10 x 10 hidden units, the largest of each pool x pool of them, relu, a linear layer."""
    seeds_at_once = 8

    def __init__(self, maps=16, pool=5):
        super().__init__()
        self.maps, self.pool, self.shrink = maps, pool, nn.Sequential(Halve(), ImagesLast())
        self.weight, self.bias = (nn.Parameter(start) for start in self.start())
        self.classifier = Linear(maps * (PLACES // pool)**2, 10)

    def forward(self, images):
        windows = (PLACES // self.pool, self.pool) * 2
        units = self.hidden_units(self.shrink(images))                              # [..., maps * 10 * 10 * B] in order
        units = units.reshape(*images.shape[:-4], self.maps, *windows, -1)
        return self.classifier(F.relu(units.amax((-4, -2))).flatten(-4, -2).mT)


def drawn(*shape, fan_in):
    """Weights [*shape] and biases [*shape[:-1], 1] as torch starts its layers: uniform within 1 / sqrt(fan-in)."""
    return [torch.empty(size).uniform_(-fan_in**-0.5, fan_in**-0.5) for size in (shape, (*shape[:-1], 1))]


class Full(MaxPooled):
    """Every hidden unit sees the whole image."""

    def start(self):
        return drawn(self.maps * PLACES**2, SIDE**2, fan_in=SIDE**2)

    def hidden_units(self, image):
        return self.weight @ image.flatten(-4, -2) + self.bias


class Local(MaxPooled):
    """Every hidden unit sees its window, with weights of its own."""

    def start(self):
        return drawn(PLACES**2, self.maps, KERNEL**2, fan_in=KERNEL**2)

    def hidden_units(self, image):
        windows = patches(image, KERNEL).unflatten(-1, (PLACES**2, -1))          # [..., 25, places, B]
        return (self.weight @ windows.transpose(-3, -2) + self.bias).transpose(-3, -2)


class Convolutional(MaxPooled):
    """Every hidden unit sees its window, with the weights of its map."""

    def start(self):
        return drawn(self.maps, KERNEL**2, fan_in=KERNEL**2)

    def hidden_units(self, image):
        return self.weight @ patches(image, KERNEL) + self.bias
