"""Inception V4: one uniform design instead of V3's grown one. C. Szegedy et al., 2016, arXiv:1602.07261, figs. 3-9."""

from functools import partial

from torch import nn

from lab.models.inception import Branches
from lab.models.inception_later import chain, fork, pooled

# timm's and the released weights' pooling leaves the border's zeros out of the mean, unlike V3's
average = partial(nn.AvgPool2d, count_include_pad=False)


def stem() -> nn.Sequential:
    """Fig. 3: even the way down to 35 px is made of branches. (N, 3, 299, 299) -> (N, 384, 35, 35)."""
    return nn.Sequential(
        chain(3, (32, 3, 2)), chain(32, (32, 3), padding="valid"), chain(32, (64, 3)),
        Branches(nn.MaxPool2d(3, stride=2), chain(64, (96, 3, 2))),                                   # (N, 160, 73, 73)
        Branches(
            nn.Sequential(chain(160, (64, 1)), chain(64, (96, 3), padding="valid")),
            nn.Sequential(chain(160, (64, 1), (64, (1, 7)), (64, (7, 1))), chain(64, (96, 3), padding="valid")),
        ),                                                                                            # (N, 192, 71, 71)
        Branches(chain(192, (192, 3, 2)), nn.MaxPool2d(3, stride=2)),                                 # (N, 384, 35, 35)
    )


def block_a() -> Branches:
    """Fig. 4, 35 px: no 5x5 any more. 384 -> 384 channels."""
    return Branches(
        chain(384, (96, 1)),
        chain(384, (64, 1), (96, 3)),
        chain(384, (64, 1), (96, 3), (96, 3)),
        pooled(384, 96, average),
    )


def reduction_a() -> Branches:
    """Fig. 7 with k, l, m, n = 192, 224, 256, 384 (table 1): 35 -> 17 px, 384 -> 1024 channels."""
    k, l, m, n = 192, 224, 256, 384  # noqa: E741  (the paper's own letters)
    return Branches(chain(384, (n, 3, 2)), chain(384, (k, 1), (l, 3), (m, 3, 2)), nn.MaxPool2d(3, stride=2))


def block_b() -> Branches:
    """Fig. 5, 17 px: 1x7 and 7x1. 1024 -> 1024 channels."""
    return Branches(
        chain(1024, (384, 1)),
        chain(1024, (192, 1), (224, (1, 7)), (256, (7, 1))),
        chain(1024, (192, 1), (192, (7, 1)), (224, (1, 7)), (224, (7, 1)), (256, (1, 7))),
        pooled(1024, 128, average),
    )


def reduction_b() -> Branches:
    """Fig. 8: 17 -> 8 px, 1024 -> 1536 channels."""
    return Branches(
        chain(1024, (192, 1), (192, 3, 2)),
        chain(1024, (256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2)),
        nn.MaxPool2d(3, stride=2),
    )


def block_c() -> Branches:
    """Fig. 6, 8 px: forks of 1x3 and 3x1. 1536 -> 1536 channels."""
    return Branches(
        chain(1536, (256, 1)),
        nn.Sequential(chain(1536, (384, 1)), fork(384, 256)),
        nn.Sequential(chain(1536, (384, 1), (448, (3, 1)), (512, (1, 3))), fork(512, 256)),
        pooled(1536, 256, average),
    )


def inception_v4(classes: int = 1000) -> nn.Sequential:
    """Fig. 9: (N, 3, H, W) -> (N, classes); 299 px is its own size."""
    return nn.Sequential(
        stem(),
        *[block_a() for _ in range(4)], reduction_a(),
        *[block_b() for _ in range(7)], reduction_b(),
        *[block_c() for _ in range(3)],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1536, classes),
    )
