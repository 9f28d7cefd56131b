"""ResNet: y = relu(F(x) + x), its blocks, its shortcuts, its ImageNet networks and their plain twins.

Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016: equations 1 and 2, table 1,
figures 2, 3 and 5. The networks for CIFAR-10 are in `lab.models.small.ladder`.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """y = relu(branch(x) + shortcut(x)); with `shortcut=None` the plain twin, y = relu(branch(x)).

    (N, C, H, W) -> whatever shape the branch gives; the shortcut must give the same.
    """

    def __init__(self, branch: nn.Module, shortcut: nn.Module | None):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        return F.relu(y) if self.shortcut is None else F.relu(y + self.shortcut(x))


# Branches, F(x): convolutions, each with batch normalization, and no ReLU at the end: it comes after the addition.

def conv_bn(in_channels: int, out_channels: int, k: int, stride=1, bias=False) -> list[nn.Module]:
    """A k x k convolution with border (k - 1) / 2, which keeps the map's size at stride 1, and batch normalization."""
    conv = nn.Conv2d(in_channels, out_channels, k, stride, padding=(k - 1) // 2, bias=bias)
    return [conv, nn.BatchNorm2d(out_channels)]


def basic_branch(in_channels: int, width: int, stride=1) -> nn.Sequential:
    """Two 3x3 convolutions (figure 5, left): (N, in_channels, H, W) -> (N, width, H / stride, W / stride)."""
    return nn.Sequential(*conv_bn(in_channels, width, 3, stride), nn.ReLU(), *conv_bn(width, width, 3))


def bottleneck_branch(in_channels: int, width: int, stride=1, out_channels=None, stride_in_3x3=True, bias=False):
    """1x1 to fewer channels, 3x3, 1x1 back (figure 5, right): (N, in_channels, H, W) -> (N, out_channels, H', W').

    `out_channels` is 4 * width unless given. The paper puts the stride in the first 1x1, torchvision
    ("v1.5") in the 3x3.
    """
    first, second = (1, stride) if stride_in_3x3 else (stride, 1)
    return nn.Sequential(
        *conv_bn(in_channels, width, 1, first, bias), nn.ReLU(),
        *conv_bn(width, width, 3, second, bias), nn.ReLU(),
        *conv_bn(width, out_channels or 4 * width, 1, bias=bias),
    )


class Bottleneck(Residual):
    """The notes' block, `Bottleneck(256, 64)`: shape (N, channels, H, W) is kept, so x is added as it is.

    Convolutions have biases here, as nn.Conv2d gives them unless told otherwise.
    """

    def __init__(self, channels: int, width: int):
        super().__init__(bottleneck_branch(channels, width, out_channels=channels, bias=True), nn.Identity())


# Shortcuts, for blocks that change the shape: section 3.3, options A and B.

class ZeroPadShortcut(nn.Module):
    """Option A: every `stride`-th pixel, new channels filled with zeros; no parameters."""

    def __init__(self, in_channels: int, out_channels: int, stride: int):
        super().__init__()
        self.stride, self.new_channels = stride, out_channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.new_channels))     # after the old ones


def projection_shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    """Option B: a 1x1 convolution with the block's stride and width, W_s in equation 2."""
    return nn.Sequential(*conv_bn(in_channels, out_channels, 1, stride))


def shortcut(option: str | None, in_channels: int, out_channels: int, stride: int) -> nn.Module | None:
    """The identity where it fits; else option "A" or "B". With option None no shortcut at all: the plain twin."""
    if option is None:
        return None
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return {"A": ZeroPadShortcut, "B": projection_shortcut}[option](in_channels, out_channels, stride)


IMAGENET = {     # table 1: is it built of bottlenecks, and how many blocks in each of the four stages
    18: (False, (2, 2, 2, 2)),
    34: (False, (3, 4, 6, 3)),
    50: (True, (3, 4, 6, 3)),
    101: (True, (3, 4, 23, 3)),
    152: (True, (3, 8, 36, 3)),
}


class ResNet(nn.Module):
    """Table 1's network of so many weight layers: images (N, 3, H, W) -> logits (N, classes).

    `option` "A" or "B" picks the shortcut where the shape changes, None makes the plain twin.
    """

    def __init__(self, depth: int, option="B", classes=1000, stride_in_3x3=True):
        super().__init__()
        bottlenecks, blocks = IMAGENET[depth]
        self.stem = nn.Sequential(*conv_bn(3, 64, 7, stride=2), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1))
        stages, in_channels = [], 64
        for width, count in zip((64, 128, 256, 512), blocks):
            for i in range(count):
                stride = 2 if i == 0 and width > 64 else 1     # each stage after the first halves the map
                branch = (bottleneck_branch(in_channels, width, stride, stride_in_3x3=stride_in_3x3) if bottlenecks
                          else basic_branch(in_channels, width, stride))
                out_channels = 4 * width if bottlenecks else width
                stages.append(Residual(branch, shortcut(option, in_channels, out_channels, stride)))
                in_channels = out_channels
        self.blocks = nn.Sequential(*stages)
        self.classifier = nn.Linear(in_channels, classes)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.blocks(self.stem(images))              # (N, 512 or 2048, H / 32, W / 32)
        return self.classifier(maps.mean(dim=(2, 3)))      # global average pooling
