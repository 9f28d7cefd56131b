"""A small plain net with auxiliary heads, as GoogLeNet has them: one halfway up, one higher."""
from torch import nn

from lab.models.inception import conv_relu
from lab.models.small.shrink import Halve


class HeadedNet(nn.Module):
    """Three stages of two 3x3 convolutions, 8, 16 and 32 maps: [B, 1, 28, 28] -> logits [B, classes].

    The image is averaged over 2x2 squares first. A head after each of the first two stages averages its maps and
    classifies them; `net(images, heads=True)` gives [main, first, second] logits. He's start keeps the signal's size.
    `batch_norm` (by the batch's own mean and variance) is for comparison: GoogLeNet had none.
    """

    def __init__(self, batch_norm=False, widths=(8, 16, 32), classes=10):
        super().__init__()
        self.shrink, self.stages, in_channels = Halve(), nn.ModuleList(), 1
        for width in widths:
            layers = [conv_relu(in_channels, width, 3, stride=1 if in_channels == 1 else 2), conv_relu(width, width, 3)]
            if batch_norm:
                layers = [nn.Sequential(conv, nn.BatchNorm2d(width, track_running_stats=False), relu)
                          for conv, relu in layers]
            self.stages.append(nn.Sequential(*layers))
            in_channels = width
        self.classifiers = nn.ModuleList([nn.Linear(width, classes) for width in widths])
        for layer in self.stages.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)

    def forward(self, images, heads=False):
        maps, logits = self.shrink(images), []
        for stage, classifier in zip(self.stages, self.classifiers):
            maps = stage(maps)
            logits.append(classifier(maps.mean((2, 3))))        # global average pooling
        first, second, main = logits
        return [main, first, second] if heads else main
