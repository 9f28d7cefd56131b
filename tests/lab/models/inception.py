"""GoogLeNet (Inception V1), layer for layer as the paper's Table 1 has it.

C. Szegedy et al., "Going Deeper with Convolutions", 2014, arXiv:1409.4842. torchvision's `googlenet` is a later
relative: it has BatchNorm instead of biases and response normalisation, and 3x3 kernels where the paper has 5x5
(pytorch/vision issue 906).
"""

import torch
from torch import nn
from torch.nn import functional as F

# module: in_channels (what the row above puts out),
#         then Table 1's columns #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj
TABLE_1 = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


class Branches(nn.Module):
    """The Inception idea: parallel branches look at the same map, their channels are stacked.

    (N, C, H, W) -> (N, sum of the branches' channels, H', W'); all branches must agree on H' and W'.
    """

    def __init__(self, *branches: nn.Module):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


def conv_relu(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    """Convolution with bias and ReLU; padding keeps the map's size at stride 1."""
    conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2)
    return nn.Sequential(conv, nn.ReLU())


class Inception(Branches):
    """The module of fig. 2(b): 1x1 convolutions reduce the channels before the costly 3x3 and 5x5."""

    def __init__(self, in_channels, n1x1, n3x3_reduce, n3x3, n5x5_reduce, n5x5, pool_proj):
        super().__init__(
            conv_relu(in_channels, n1x1, 1),
            nn.Sequential(conv_relu(in_channels, n3x3_reduce, 1), conv_relu(n3x3_reduce, n3x3, 3)),
            nn.Sequential(conv_relu(in_channels, n5x5_reduce, 1), conv_relu(n5x5_reduce, n5x5, 5)),
            nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv_relu(in_channels, pool_proj, 1)),
        )


class NaiveInception(Branches):
    """The sketch of fig. 2(a), without reductions: its pooling alone hands on all `in_channels`. GoogLeNet has none."""

    def __init__(self, in_channels, n1x1, n3x3, n5x5):
        super().__init__(
            conv_relu(in_channels, n1x1, 1),
            conv_relu(in_channels, n3x3, 3),
            conv_relu(in_channels, n5x5, 5),
            nn.MaxPool2d(3, stride=1, padding=1),
        )


class AuxiliaryHead(nn.Sequential):
    """A classifier halfway up, for training only (section 5): (N, C, 14, 14) -> (N, classes)."""

    def __init__(self, in_channels, classes):
        super().__init__(
            nn.AvgPool2d(5, stride=3),          # (N, C, 4, 4)
            conv_relu(in_channels, 128, 1),     # (N, 128, 4, 4)
            nn.Flatten(),                       # (N, 2048)
            nn.Linear(128 * 4 * 4, 1024),
            nn.ReLU(),
            nn.Dropout(0.7),
            nn.Linear(1024, classes),
        )


class GoogLeNet(nn.Module):
    """The paper's layers: 6,990,272 weights and 8,280 biases without heads (1000 classes).

    (N, 3, H, W) -> (N, classes). In training with `heads` -> [main, after 4a, after 4d], each (N, classes); the heads
    fit the paper's 224 px only. Rows of `table` may be left out where the channels still fit.
    """

    def __init__(self, classes: int = 1000, heads: bool = False, table: dict = TABLE_1):
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)                 # halves the map
        self.stem = nn.Sequential(
            conv_relu(3, 64, 7, stride=2), self.pool, nn.LocalResponseNorm(5),                # (N, 64, 56, 56)
            conv_relu(64, 64, 1), conv_relu(64, 192, 3), nn.LocalResponseNorm(5), self.pool,  # (N, 192, 28, 28)
        )
        self.inception = nn.ModuleDict({name: Inception(*row) for name, row in table.items()})
        self.heads = nn.ModuleDict()
        if heads:
            self.heads.update({"4a": AuxiliaryHead(512, classes), "4d": AuxiliaryHead(528, classes)})
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(1024, classes),
        )

    def forward(self, x):
        x = self.stem(x)                                                      # (N, 192, 28, 28)
        hints = []
        for name, module in self.inception.items():
            x = module(self.pool(x)) if name in ("4a", "5a") else module(x)
            if self.training and name in self.heads:
                hints.append(self.heads[name](x))
        logits = self.classifier(x)                                           # from (N, 1024, 7, 7)
        return [logits, *hints] if hints else logits


def loss_with_heads(outputs: list[torch.Tensor], labels: torch.Tensor, weight: float = 0.3) -> torch.Tensor:
    """Cross entropy of the main classifier plus `weight` times that of each head (section 5: 0.3)."""
    main, *hints = [F.cross_entropy(logits, labels) for logits in outputs]
    return main + weight * sum(hints)
