"""LeNet in small, for comparing activations with many seeds at once."""
from torch import nn

from lab.models.layers.images_last import Convolve, FlattenImagesFirst, ImagesLast, Linear
from lab.models.small.shrink import Halve


class ConvPool(nn.Conv2d):
    """Convolution, activation, mean of 2 x 2 units: [C, H, W, B] -> [O, (H - k + 1) / 2, (W - k + 1) / 2, B]."""

    def __init__(self, in_channels, out_channels, kernel_size, activation):
        super().__init__(in_channels, out_channels, kernel_size)
        self.activation = activation()

    def forward(self, maps):
        units = self.activation(Convolve.apply(maps, self.weight) + self.bias[..., None, None, None])
        return units.unflatten(-2, (-1, 2)).unflatten(-4, (-1, 2)).mean((-4, -2))


class SmallLeNet(nn.Module):
    """Two 3x3 convolutions with pooling, two linear layers, on half the image's side: [B, 1, 28, 28] -> [B, 10]."""
    seeds_at_once = 8

    def __init__(self, activation=nn.ReLU):
        super().__init__()
        self.layers = nn.Sequential(Halve(), ImagesLast(), ConvPool(1, 6, 3, activation),
                                    ConvPool(6, 16, 3, activation), FlattenImagesFirst(),
                                    Linear(16 * 2 * 2, 40), activation(), Linear(40, 10))

    def forward(self, images):
        return self.layers(images)
