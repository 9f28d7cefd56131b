"""U-Net, unpadded as in the paper: it loses a border with every convolution and concatenates, never adds.

Source: Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
figure 1 and section 2.
"""

import torch
from torch import Tensor, nn


class UNet(nn.Module):
    """Images (N, in_channels, H, W) -> class scores (N, classes, H - 184, W - 184) at depth 4: 572 -> 388 pixels.

    Every halving must come out even (paper, section 2). `skip=False` feeds zeros in the place of the encoder's maps, so
    all else, weights included, stays as it is.
    """

    def __init__(self, in_channels=1, classes=2, width=64, depth=4, skip=True):
        super().__init__()
        widths = [width * 2 ** level for level in range(depth + 1)]      # 64, 128, 256, 512, 1024
        self.down = nn.ModuleList(double_conv(a, b) for a, b in zip([in_channels, *widths], widths))
        self.pool = nn.MaxPool2d(kernel_size=2)
        decoder = list(zip(widths[:0:-1], widths[-2::-1]))               # (1024, 512), (512, 256), ...
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, kernel_size=2, stride=2) for a, b in decoder)
        self.merge = nn.ModuleList(double_conv(a, b) for a, b in decoder)
        self.head = nn.Conv2d(width, classes, kernel_size=1)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        *encoders, bottom = self.down
        skips = []
        for encoder in encoders:
            skips.append(encoder(x))
            x = self.pool(skips[-1])                       # half the side, kept maps wait for the way up
        x = bottom(x)
        for up, merge, encoded in zip(self.up, self.merge, reversed(skips)):
            x = up(x)                                      # (N, 2c, h, w) -> (N, c, 2h, 2w)
            same = crop(encoded, x) if self.skip else torch.zeros_like(x)
            x = merge(torch.cat([same, x], dim=1))         # (N, 2c, 2h, 2w) -> (N, c, 2h - 4, 2w - 4)
        return self.head(x)


def double_conv(in_channels: int, out_channels: int) -> nn.Sequential:
    """Two unpadded 3x3 convolutions with ReLU: the map loses 4 pixels a side length."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3), nn.ReLU(), nn.Conv2d(out_channels, out_channels, 3), nn.ReLU())


def crop(maps: Tensor, like: Tensor) -> Tensor:
    """The middle of `maps`, as high and wide as `like`: unpadded convolutions have eaten the border on the way."""
    top, left = ((a - b) // 2 for a, b in zip(maps.shape[2:], like.shape[2:]))
    return maps[:, :, top:top + like.shape[2], left:left + like.shape[3]]
