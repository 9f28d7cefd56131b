"""AlexNet as it was in 2012: one network cut into two towers, one tower to each graphics card.

Source: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
sections 3.3-3.5 and figure 2.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IMAGENET_2012 = (96, 256, 384, 384, 256)     # maps of conv1 ... conv5, both towers together
ONE_TOWER_2014 = (64, 192, 384, 256, 256)    # Krizhevsky, arXiv:1404.5997: the net that torchvision keeps as "alexnet"


class AlexNet(nn.Module):
    """Five convolutions and three fully connected layers: images (N, 3, 224, 224) -> logits (N, classes).

    `towers=2` is the 2012 net: conv2, conv4 and conv5 see only the maps of their own tower, which is what `groups=2`
    means; conv3 and the fully connected layers see both. `towers=1` connects every layer fully.
    `response_norm=False` leaves out local response normalization, as the one-tower net of 2014 does.
    The paper's 224 pixels give 55 x 55 maps only with a border of 2, which it does not mention.
    """

    def __init__(self, classes=1000, maps=IMAGENET_2012, towers=2, hidden=4096, response_norm=True):
        super().__init__()
        c1, c2, c3, c4, c5 = maps
        norm = partial(ResponseNorm, towers) if response_norm else nn.Identity
        pool = partial(nn.MaxPool2d, kernel_size=3, stride=2)     # windows overlap by one pixel: section 3.4
        self.features = nn.Sequential(
            nn.Conv2d(3, c1, 11, stride=4, padding=2), nn.ReLU(), norm(), pool(),                # (c1, 27, 27)
            nn.Conv2d(c1, c2, 5, padding=2, groups=towers), nn.ReLU(), norm(), pool(),           # (c2, 13, 13)
            nn.Conv2d(c2, c3, 3, padding=1), nn.ReLU(),                                          # (c3, 13, 13)
            nn.Conv2d(c3, c4, 3, padding=1, groups=towers), nn.ReLU(),                           # (c4, 13, 13)
            nn.Conv2d(c4, c5, 3, padding=1, groups=towers), nn.ReLU(), pool(),                   # (c5, 6, 6)
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Linear(c5 * 6 * 6, hidden), nn.ReLU(),
            nn.Dropout(0.5), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images).flatten(1))     # (N, c5, 6, 6) -> (N, c5 * 36)


class ResponseNorm(nn.Module):
    """Local response normalization, b = a / (k + alpha * sum of a^2 over n adjacent maps)^beta, inside each tower.

    Paper, section 3.3: k = 2, n = 5, alpha = 1e-4, beta = 0.75. torch divides its alpha by n, so it is given n * alpha.
    Maps (N, C, H, W) keep their shape; a map's neighbours are those of its own tower, as on a card of its own.
    """

    def __init__(self, towers: int, n=5, k=2.0, alpha=1e-4, beta=0.75):
        super().__init__()
        self.towers, self.n, self.k, self.alpha, self.beta = towers, n, k, alpha, beta

    def forward(self, a: Tensor) -> Tensor:
        own = a.unflatten(1, (self.towers, -1)).flatten(0, 1)             # (N * towers, C / towers, H, W)
        b = F.local_response_norm(own, self.n, self.n * self.alpha, self.beta, self.k)
        return b.unflatten(0, (-1, self.towers)).flatten(1, 2)            # (N, C, H, W)


class TwoTowers(nn.Module):
    """The layer as two separate convolutions, as on two cards: each sees half of the maps and makes half of the output.

    Its weights are copied from `conv`, whose filters are dealt out in order; of each filter, a tower keeps the kernels
    for its own maps. Maps (N, in_channels, H, W) -> (N, out_channels, H', W').
    """

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        own_in, own_out = conv.in_channels // 2, conv.out_channels // 2
        self.towers = nn.ModuleList(
            nn.Conv2d(own_in, own_out, conv.kernel_size, conv.stride, conv.padding) for _ in range(2))
        with torch.no_grad():
            for tower, weight, bias in zip(self.towers, conv.weight.chunk(2), conv.bias.chunk(2)):
                tower.weight.copy_(weight[:, :own_in])
                tower.bias.copy_(bias)

    def forward(self, maps: Tensor) -> Tensor:
        return torch.cat([tower(half) for tower, half in zip(self.towers, maps.chunk(2, dim=1))], dim=1)
