"""VGG-16's shape at an eighth of its width, for digits of 28 x 28."""
import torch
from torch import nn

from lab.models.small.shrink import Halve
from lab.models.vgg import CONFIGURATIONS, POOL, convolutions


class NarrowVGG(nn.Sequential):
    """[B, 1, 28, 28] -> logits [B, classes]: 13 convolutions in VGG-16's five stages, 8 to 64 maps; 3 linear layers.

    The image is averaged over 2x2 squares and padded to 16 x 16, which four poolings bring to one pixel: VGG's fifth is
    left out. `batch_norm`: after every convolution, by the batch's own mean and variance always. `start(weight)`, such
    as `nn.init.kaiming_normal_`: draws each layer's weights, with biases of 0; None: as PyTorch does. No dropout.
    """

    def __init__(self, batch_norm=False, start=None, hidden=64, classes=10):
        maps = [item if item == POOL else item // 8 for item in CONFIGURATIONS["D"][:-1]]
        super().__init__(Halve(), nn.ZeroPad2d(1), _without_running_averages(maps, batch_norm), nn.Flatten(),
                         nn.Linear(maps[-1], hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
                         nn.Linear(hidden, classes))
        for layer in self.modules() if start else ():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                start(layer.weight)
                nn.init.zeros_(layer.bias)
        self.to(memory_format=torch.channels_last)      # a step takes a sixth less time, with so few maps


class ShallowVGG(nn.Sequential):
    """VGG's first two stages with one convolution each, and one linear layer: [B, 1, 28, 28] -> logits [B, classes]."""

    def __init__(self, classes=10):
        super().__init__(Halve(), nn.ZeroPad2d(1), convolutions([8, POOL, 16, POOL], in_channels=1),
                         nn.Flatten(), nn.Linear(16 * 4 * 4, classes))


class SmallCifarVGG(nn.Sequential):
    """The exercise's CifarVGG in small: four convolutions with BatchNorm, each pooled, down to one pixel of 64 maps.

    [B, 1, 28, 28] -> logits [B, classes]. BatchNorm is torch's own, with running averages for evaluation.
    """

    def __init__(self, classes=10):
        super().__init__(Halve(), nn.ZeroPad2d(1),
                         convolutions([8, POOL, 16, POOL, 32, POOL, 64, POOL], in_channels=1, batch_norm=True),
                         nn.Flatten(), nn.Linear(64, classes))


def _without_running_averages(maps, batch_norm):
    layers = convolutions(maps, in_channels=1, batch_norm=batch_norm)
    return nn.Sequential(*[nn.BatchNorm2d(layer.num_features, track_running_stats=False)
                           if isinstance(layer, nn.BatchNorm2d) else layer for layer in layers])
