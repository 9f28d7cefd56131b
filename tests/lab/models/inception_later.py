"""The versions after GoogLeNet: V2 (BN-Inception), V3, and the exercise's small net built from V3's modules.

V2: S. Ioffe, C. Szegedy, 2015, arXiv:1502.03167, fig. 5. V3: C. Szegedy et al., 2015, arXiv:1512.00567, in the widths
of the released model. V4 has a file of its own. Mind the names: the V3 paper calls an unreleased net "Inception-v2";
the V4 paper and the released code give that name to BN-Inception, and so do we.
"""

from torch import nn

from lab.models.inception import Branches


def chain(in_channels: int, *layers: tuple, padding: str | None = None, bias: bool = False) -> nn.Sequential:
    """Convolutions in a row, each with BatchNorm and ReLU; a layer is (out_channels, kernel[, stride]).

    "same" padding keeps the map at stride 1 and halves it, rounded up, at stride 2; "valid" pads nothing. The default
    is V3's and V4's habit: same at stride 1, valid at stride 2.
    """
    steps = []
    for out_channels, kernel, *stride in layers:
        stride = stride[0] if stride else 1
        height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        valid = padding == "valid" or (padding is None and stride > 1)
        pad = (0, 0) if valid else (height // 2, width // 2)
        conv = nn.Conv2d(in_channels, out_channels, (height, width), stride, pad, bias=bias)
        steps += [conv, nn.BatchNorm2d(out_channels, eps=1e-3), nn.ReLU(inplace=True)]
        in_channels = out_channels
    return nn.Sequential(*steps)


def pooled(in_channels: int, out_channels: int, kind=nn.AvgPool2d, **options) -> nn.Sequential:
    """3x3 pooling that keeps the map's size, then a 1x1 projection."""
    return nn.Sequential(kind(3, stride=1, padding=1), chain(in_channels, (out_channels, 1), **options))


# module: in_channels, then fig. 5's columns #1x1, #3x3 reduce, #3x3, double #3x3 reduce, double #3x3, pool proj
BN_INCEPTION = {
    "3a": (192, 64, 64, 64, 64, 96, 32),
    "3b": (256, 64, 64, 96, 64, 96, 64),
    "3c": (320, 0, 128, 160, 64, 96, 0),
    "4a": (576, 224, 64, 96, 96, 128, 128),
    "4b": (576, 192, 96, 128, 96, 128, 128),
    "4c": (576, 160, 128, 160, 128, 160, 128),
    "4d": (608, 96, 128, 192, 160, 192, 128),
    "4e": (608, 0, 128, 192, 192, 256, 0),
    "5a": (1056, 352, 192, 320, 160, 224, 128),
    "5b": (1024, 352, 192, 320, 192, 224, 128),
}


def v2_module(in_channels, n1x1, n3x3_reduce, n3x3, double3x3_reduce, double3x3, pool_proj, pool=nn.AvgPool2d):
    """BN-Inception's module: two 3x3 for V1's 5x5. Where #1x1 = 0 it halves the map, and pooling has no projection."""
    stride = 1 if n1x1 else 2
    options = {"padding": "same", "bias": True}
    three = chain(in_channels, (n3x3_reduce, 1), (n3x3, 3, stride), **options)
    double = chain(in_channels, (double3x3_reduce, 1), (double3x3, 3), (double3x3, 3, stride), **options)
    if stride == 2:
        return Branches(three, double, nn.MaxPool2d(3, stride=2, padding=1))
    one = chain(in_channels, (n1x1, 1), **options)
    return Branches(one, three, double, pooled(in_channels, pool_proj, pool, **options))


def bn_inception(classes: int = 1000) -> nn.Sequential:
    """V2: (N, 3, H, W) -> (N, classes). Convolutions have biases, as in the published weights; BatchNorm idles them."""
    modules = [v2_module(*row) for name, row in BN_INCEPTION.items() if name != "5b"]
    return nn.Sequential(
        chain(3, (64, 7, 2), padding="same", bias=True), nn.MaxPool2d(3, stride=2, ceil_mode=True),   # (N, 64, 56, 56)
        chain(64, (64, 1), (192, 3), bias=True), nn.MaxPool2d(3, stride=2, ceil_mode=True),           # (N, 192, 28, 28)
        *modules, v2_module(*BN_INCEPTION["5b"], pool=nn.MaxPool2d),                                  # (N, 1024, 7, 7)
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, classes),
    )


def module_a(in_channels: int, pool_features: int) -> Branches:
    """35 px: still a 5x5 branch, beside two 3x3. -> 224 + pool_features channels."""
    return Branches(
        chain(in_channels, (64, 1)),
        chain(in_channels, (48, 1), (64, 5)),
        chain(in_channels, (64, 1), (96, 3), (96, 3)),
        pooled(in_channels, pool_features),
    )


def module_b(in_channels: int) -> Branches:
    """35 -> 17 px: strided convolutions beside pooling. -> 480 + in_channels channels."""
    return Branches(
        chain(in_channels, (384, 3, 2)),
        chain(in_channels, (64, 1), (96, 3), (96, 3, 2)),
        nn.MaxPool2d(3, stride=2),
    )


def module_c(in_channels: int, c7: int) -> Branches:
    """17 px: 7x7 as 1x7 and 7x1. -> 768 channels."""
    return Branches(
        chain(in_channels, (192, 1)),
        chain(in_channels, (c7, 1), (c7, (1, 7)), (192, (7, 1))),
        chain(in_channels, (c7, 1), (c7, (7, 1)), (c7, (1, 7)), (c7, (7, 1)), (192, (1, 7))),
        pooled(in_channels, 192),
    )


def module_d(in_channels: int) -> Branches:
    """17 -> 8 px. -> 512 + in_channels channels."""
    return Branches(
        chain(in_channels, (192, 1), (320, 3, 2)),
        chain(in_channels, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)),
        nn.MaxPool2d(3, stride=2),
    )


def fork(in_channels: int, out_channels: int) -> Branches:
    """3x3 as 1x3 and 3x1 side by side: wider, not deeper. -> 2 out_channels."""
    return Branches(chain(in_channels, (out_channels, (1, 3))), chain(in_channels, (out_channels, (3, 1))))


def module_e(in_channels: int) -> Branches:
    """8 px: the widest. -> 2048 channels."""
    return Branches(
        chain(in_channels, (320, 1)),
        nn.Sequential(chain(in_channels, (384, 1)), fork(384, 384)),
        nn.Sequential(chain(in_channels, (448, 1), (384, 3)), fork(384, 384)),
        pooled(in_channels, 192),
    )


def inception_v3(classes: int = 1000) -> nn.Sequential:
    """V3 without its auxiliary head: (N, 3, H, W) -> (N, classes); 299 px is its own size."""
    return nn.Sequential(
        chain(3, (32, 3, 2)), chain(32, (32, 3), padding="valid"), chain(32, (64, 3)),          # (N, 64, 147, 147)
        nn.MaxPool2d(3, stride=2), chain(64, (80, 1)), chain(80, (192, 3), padding="valid"),    # (N, 192, 71, 71)
        nn.MaxPool2d(3, stride=2), module_a(192, 32), module_a(256, 64), module_a(288, 64),     # (N, 288, 35, 35)
        module_b(288), *[module_c(768, c7) for c7 in (128, 160, 160, 192)],                     # (N, 768, 17, 17)
        module_d(768), module_e(1280), module_e(2048),                                          # (N, 2048, 8, 8)
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(2048, classes),
    )


def exercise_inception(classes: int = 10) -> nn.Sequential:
    """The exercise's net for CIFAR-10: one module of each V3 kind, (N, 3, 32, 32) -> (N, classes).

    Weights start from a normal of deviation 0.1 cut off at two deviations, as in the exercise's notebook.
    """
    net = nn.Sequential(
        chain(3, (32, 3, 2), (32, 3), padding="valid"),                       # (N, 32, 13, 13)
        module_a(32, 32),                                                     # (N, 256, 13, 13)
        module_b(256),                                                        # (N, 736, 6, 6)
        module_c(736, 128),                                                   # (N, 768, 6, 6)
        module_d(768),                                                        # (N, 1280, 2, 2)
        module_e(1280),                                                       # (N, 2048, 2, 2)
        nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(2048, classes),
    )
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.trunc_normal_(layer.weight, std=0.1, a=-0.2, b=0.2)
    return net
