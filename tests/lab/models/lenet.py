"""LeCun's nets of 1989 and 1998, the latter's modern copy, and the exercise's net: that copy with three input channels.

Y. LeCun et al., "Backpropagation Applied to Handwritten Zip Code Recognition", Neural Computation 1, 1989.
Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proceedings of the IEEE 86, 1998: section
II.B and Appendix A.
"""

import torch
from torch import nn
from torch.nn import functional as F


class ScaledTanh(nn.Module):
    """f(a) = A tanh(S a) with A = 1.7159, S = 2/3: odd, with f(1) = 1 and asymptotes +-A (1998, Appendix A)."""

    A, S = 1.7159, 2 / 3

    def forward(self, a):
        return self.A * torch.tanh(self.S * a)


# Which maps of S2 each of C3's 16 maps sees (1998, Table I): 6 runs of three, 6 runs of four, 3 pairs of pairs, and all
C3_TABLE = (
    [sorted((i + j) % 6 for j in (0, 1, 2)) for i in range(6)]
    + [sorted((i + j) % 6 for j in (0, 1, 2, 3)) for i in range(6)]
    + [sorted((i + j) % 6 for j in (0, 1, 3, 4)) for i in range(3)]
    + [list(range(6))]
)


class TableConv2d(nn.Module):
    """Convolution whose output map j sees only the input maps table[j]: (N, C, H, W) -> (N, len(table), H', W').

    The weights of absent connections do not exist, so they are not counted either.
    """

    def __init__(self, table: list[list[int]], kernel_size: int, stride: int = 1, bias: bool = True):
        super().__init__()
        self.table, self.stride = table, stride
        self.weights = nn.ParameterList(torch.empty(1, len(maps), kernel_size, kernel_size) for maps in table)
        self.bias = nn.Parameter(torch.zeros(len(table), 1, 1)) if bias else None
        for weight in self.weights:
            nn.init.uniform_(weight, -2.4 / weight.numel(), 2.4 / weight.numel())     # 1989 and 1998: +-2.4 / fan-in

    def forward(self, x):
        maps = [F.conv2d(x[:, seen], weight, stride=self.stride) for seen, weight in zip(self.table, self.weights)]
        y = torch.cat(maps, dim=1)
        return y if self.bias is None else y + self.bias


class Bias(nn.Module):
    """Adds one number for every unit of a map, not one a map: the 1989 net's maps share kernels but not biases."""

    def __init__(self, *shape: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return x + self.bias


# The paper gives 8 of the 12 maps of H1 to each map of H2 without saying which; these are overlapping two thirds
H2_TABLE = [[m for m in range(12) if m // 4 != left_out] for left_out in (2, 0, 1) for _ in range(4)]


def lenet_1989() -> nn.Sequential:
    """(N, 1, 16, 16) -> (N, 10): 9,760 parameters, 1,068 + 2,592 + 5,790 + 310 in H1, H2, H3 and the output."""
    background = nn.ConstantPad2d(2, -1.0)                                    # the page is -1, ink is +1
    return nn.Sequential(
        background, nn.Conv2d(1, 12, 5, stride=2, bias=False), Bias(12, 8, 8), ScaledTanh(),          # H1
        background, TableConv2d(H2_TABLE, 5, stride=2, bias=False), Bias(12, 4, 4), ScaledTanh(),     # H2
        nn.Flatten(), nn.Linear(12 * 4 * 4, 30), ScaledTanh(),                                        # H3
        nn.Linear(30, 10), ScaledTanh(),
    )


class Subsampling(nn.Module):
    """Trainable pooling, (N, C, H, W) -> (N, C, H/2, W/2): sum of 2x2, times the map's coefficient, plus its bias."""

    def __init__(self, channels: int):
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((channels, 1, 1), 0.25))   # starts as the mean
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x):
        return 4 * F.avg_pool2d(x, 2) * self.coefficient + self.bias


class RadialBasis(nn.Module):
    """Output units: squared distances to fixed codes of +-1, the least wins. (N, features) -> (N, classes).

    The paper draws the codes as 7x12 bitmaps of the characters and names random codes as another choice: the one here.
    """

    def __init__(self, features: int, classes: int):
        super().__init__()
        codes = torch.randint(2, (classes, features), generator=torch.Generator().manual_seed(1998))
        self.register_buffer("codes", 2.0 * codes - 1)

    def forward(self, x):
        return (x[:, None, :] - self.codes).square().sum(dim=2)               # (N, classes, features) -> (N, classes)


def lenet_5() -> nn.Sequential:
    """LeNet-5 as of 1998: (N, 1, 32, 32) -> (N, 10) distances; 60,000 parameters, none of them in the output units."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), ScaledTanh(), Subsampling(6), ScaledTanh(),           # C1 (N, 6, 28, 28), S2 (N, 6, 14, 14)
        TableConv2d(C3_TABLE, 5), ScaledTanh(), Subsampling(16), ScaledTanh(),    # C3 (N, 16, 10, 10), S4 (N, 16, 5, 5)
        nn.Conv2d(16, 120, 5), ScaledTanh(), nn.Flatten(),                        # C5 (N, 120)
        nn.Linear(120, 84), ScaledTanh(), RadialBasis(84, 10),                    # F6 (N, 84)
    )


class LeNet(nn.Module):
    """The modern copy: full C3, plain pooling, linear output. (N, in_channels, 32, 32) -> (N, classes).

    61,706 parameters with one input channel; 62,006 with three: the exercise's net for CIFAR-10 (ReLU, max pooling).
    """

    def __init__(self, in_channels: int = 1, classes: int = 10, activation=nn.ReLU, pool=nn.MaxPool2d):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 6, 5), activation(), pool(2),              # (N, 6, 14, 14)
            nn.Conv2d(6, 16, 5), activation(), pool(2),                       # (N, 16, 5, 5)
            nn.Flatten(),
        )
        self.classifier = nn.Sequential(
            nn.Linear(16 * 5 * 5, 120), activation(),
            nn.Linear(120, 84), activation(),
            nn.Linear(84, classes),
        )

    def forward(self, x):
        return self.classifier(self.features(x))
