"""A small net whose convolutions treat every place alike, and what can be put into it that does not."""
from torch import nn

from lab.models.small.shrink import Halve

SIDE = 16       # px, of the framed image


class EvenNet(nn.Module):
    """3x3 convolutions, each with BatchNorm and ReLU, one linear layer: [B, 1, 28, 28] -> logits [B, classes].

    The image is averaged over 2x2 squares and framed by 1 px as bright as its edge: 16 x 16. It has no border: what a
    kernel would see beyond the right edge is the left one. `strides`: one a layer; `pooled`: the layers (0, 1, ...)
    after which 2x2 max pooling with stride 2 follows. `flat`: the linear layer sees every unit, else the mean of each
    map. BatchNorm goes by the batch's own mean and variance always. Without stride, pooling and `flat`, an image that
    is moved round keeps its logits.
    """

    def __init__(self, widths=(8, 16, 16), strides=(1, 1, 1), pooled=(), flat=False, classes=10):
        super().__init__()
        self.shrink, self.flat = nn.Sequential(Halve(), nn.ReplicationPad2d(1)), flat
        layers, side = [], SIDE
        for place, (i, o, stride) in enumerate(zip((1, *widths), widths, strides)):
            layers += [nn.Conv2d(i, o, 3, stride, padding=1, padding_mode="circular", bias=False),
                       nn.BatchNorm2d(o, track_running_stats=False), nn.ReLU()]
            layers += [nn.MaxPool2d(2)] if place in pooled else []
            side //= stride * (2 if place in pooled else 1)
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(widths[-1] * (side**2 if flat else 1), classes)

    def forward(self, images):
        maps = self.layers(self.shrink(images))
        return self.classifier(maps.flatten(1) if self.flat else maps.mean((2, 3)))
