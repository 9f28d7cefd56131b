"""Small nets for colour images of 32 x 32 px: fully connected, four layers, LeNet to be looked into, with attention."""
import torch
from torch import nn

from lab.models.attention import CBAM, EfficientChannelAttention, SqueezeExcitation, attach
from lab.models.layers.images_last import Linear
from lab.models.lenet import LeNet
from lab.models.small.chain import start_gained
from lab.models.small.ladder import DepthLadder
from lab.models.small.shrink import Halve

CHANNELS, SIDE = 3, 32
MODULES = {"SE": SqueezeExcitation, "CBAM": CBAM, "ECA": EfficientChannelAttention}


class WideColour(nn.Sequential):
    """3072-hidden-10, [B, 3, 32, 32] -> logits [B, 10]: 925,000 parameters with 300 hidden units."""
    seeds_at_once = 8

    def __init__(self, hidden=300):
        super().__init__(nn.Flatten(-3), Linear(CHANNELS * SIDE**2, hidden), nn.ReLU(), Linear(hidden, 10))


class FourLayers(nn.Sequential):
    """Three 5x5 convolutions and one linear layer, [B, 3, 32, 32] -> logits [B, 10].

    After each convolution the activation and 3x3 max-pooling of stride 2. Krizhevsky et al. 2012, figure 1, say "four
    layers" of their net for CIFAR-10; these widths are of cuda-convnet's fast net by the same author. `gained`: weights
    start normal with deviation GAIN / sqrt(fan-in), as in lab.models.small.chain; else as torch starts them, smaller.
    """

    def __init__(self, activation=nn.ReLU, widths=(32, 32, 64), gained=True):
        stages = [nn.Sequential(nn.Conv2d(i, o, 5, padding=2), activation(), nn.MaxPool2d(3, 2, padding=1))
                  for i, o in zip((CHANNELS, *widths), widths)]
        super().__init__(*stages, nn.Flatten(), nn.Linear(widths[-1] * (SIDE // 8)**2, 10))
        if gained:
            start_gained(self, activation)
        self.to(memory_format=torch.channels_last)


class WatchedLeNet(LeNet):
    """The exercise's LeNet with its four hidden `layers` by name; what is asked of the pixels is `shrink` of them."""

    def __init__(self):
        super().__init__(in_channels=CHANNELS)
        self.shrink = Halve()

    @property
    def layers(self):
        return [self.features[2], self.features[5], self.classifier[1], self.classifier[3]]


def attended_ladder(module=None, r=4, **ladder):
    """A residual DepthLadder for colour images; `module`, of MODULES, ends each of its branches, r reduces its units.

    What nets with and without a module have in common starts alike from a seed.
    """
    net = DepthLadder(residual=True, in_channels=CHANNELS, **ladder)
    if module is None:
        return net
    reduced = {} if module == "ECA" else {"r": r}
    return attach(net, lambda channels: MODULES[module](channels, **reduced), last="branch")
