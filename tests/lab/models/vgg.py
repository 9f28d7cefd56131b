"""VGG: one kind of layer, 3x3 with a border of 1, repeated; a network is a list of widths.

Source: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table 1.
"""

from torch import Tensor, nn

POOL = "M"     # 2x2 max pooling, stride 2; a number is a 3x3 convolution with so many output maps
CONFIGURATIONS = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],                                     # VGG-11
    "D": [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],             # VGG-16
    "E": [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"],                      # VGG-19
}


def convolutions(configuration: list, in_channels=3, batch_norm=False) -> nn.Sequential:
    """The convolutional part: (N, in_channels, H, W) -> (N, last width, H / 2^pools, W / 2^pools)."""
    layers = []
    for item in configuration:
        if item == POOL:
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            layers += [nn.Conv2d(in_channels, item, kernel_size=3, padding=1)]
            layers += [nn.BatchNorm2d(item)] if batch_norm else []
            layers += [nn.ReLU()]
            in_channels = item
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """The paper's networks A, D and E: images (N, 3, side, side) -> logits (N, classes).

    `batch_norm=True` is a later variant: the paper has none. `side` must be a multiple of 32; it fixes the width of the
    first fully connected layer, last width * (side / 32)^2.
    """

    def __init__(self, configuration="D", classes=1000, side=224, hidden=4096, batch_norm=False):
        super().__init__()
        widths = CONFIGURATIONS[configuration]
        self.features = convolutions(widths, batch_norm=batch_norm)
        self.classifier = nn.Sequential(
            nn.Linear(512 * (side // 32) ** 2, hidden), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(hidden, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images).flatten(1))     # (N, 512, side/32, side/32) -> (N, 512 * ...)


class CifarVGG(nn.Module):
    """The exercise's simplified VGG: configuration A with batch normalization and one linear layer.

    Images (N, 3, 32, 32) -> logits (N, classes): five poolings leave one pixel of 512 maps.
    """

    def __init__(self, classes=10):
        super().__init__()
        self.features = convolutions(CONFIGURATIONS["A"], batch_norm=True)
        self.classifier = nn.Linear(512, classes)

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images).flatten(1))     # (N, 512, 1, 1) -> (N, 512)
