"""The two nets of exercise 1, on 28 x 28 grey images; alike in size: 6,442 and 6,422 parameters with biases.

After OUCTheoryGroup/colab_demo, 05_01_ConvNet.ipynb, and NYU-DLSP20, week 3.
"""
from torch import nn

from lab.models.layers.conv_relu_pool import ConvReluPool
from lab.models.layers.images_last import FlattenImagesFirst, ImagesLast, Linear


class FullyConnected(nn.Sequential):
    """784-8-8-10, [B, 1, 28, 28] -> logits [B, 10]."""
    seeds_at_once = 32

    def __init__(self, hidden=8):
        super().__init__(nn.Flatten(-3), Linear(28 * 28, hidden), nn.ReLU(), Linear(hidden, hidden), nn.ReLU(),
                         Linear(hidden, 10))


class ConvolutionalNet(nn.Sequential):
    """Two 5x5 convolutions, each with relu and 2x2 max-pooling, then 50 hidden units: [B, 1, 28, 28] -> [B, 10]."""

    def __init__(self, maps=6):
        super().__init__(ImagesLast(), ConvReluPool(1, maps, 5), ConvReluPool(maps, maps, 5), FlattenImagesFirst(),
                         nn.Linear(maps * 4 * 4, 50), nn.ReLU(), nn.Linear(50, 10))
