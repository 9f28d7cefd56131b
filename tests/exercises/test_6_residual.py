"""E6: U-Net's skip connections beside ResNet's, the part that identities and counts decide."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.counting.meta_device import weightless
from lab.models.unet import UNet

CHANNELS = 7
IDENTITY, ZERO = torch.eye(CHANNELS), torch.zeros(CHANNELS, CHANNELS)


@claim("unet-skip-same-principle")
@pytest.mark.parametrize("left, right", [
    pytest.param(IDENTITY, IDENTITY, id="[I I]"),
    pytest.param(IDENTITY, ZERO, id="[I 0]", marks=counterexample("this projection forgets the skipped maps")),
    pytest.param(IDENTITY, -IDENTITY, id="[I -I]", marks=counterexample("this one subtracts them")),
])
def test_concatenation_can_become_addition(left, right, evidence):
    """A 1x1 convolution with the weights [I I] makes U-Net's concatenation into ResNet's addition."""
    decoder, encoder = torch.randn(2, 3, CHANNELS, 11, 5)
    weight = torch.cat([left, right], dim=1)[:, :, None, None]           # (C, 2C, 1, 1)
    projected = F.conv2d(torch.cat([decoder, encoder], dim=1), weight)
    difference = (projected - (decoder + encoder)).abs().max().item()
    evidence.measured("largest difference from the addition", difference, expected=0.0)

    assert difference == 0


@claim("unet-skip-same-principle")
@pytest.mark.parametrize("join", [
    pytest.param(lambda a, b: torch.cat([a, b], dim=1), id="concatenation"),
    pytest.param(torch.add, id="addition", marks=counterexample("the sum does not know which map came from where")),
])
def test_addition_cannot_become_concatenation(join, evidence):
    """Concatenation keeps both maps, addition only their sum: no later layer can tell (a, b) from (b, a) any more."""
    a, b = torch.randn(2, 3, CHANNELS, 11, 5)
    told_apart = not torch.equal(join(a, b), join(b, a))
    evidence.measured("(a, b) and (b, a) give different maps", told_apart, expected=True)

    assert told_apart


@claim("unet-skip-same-principle")
@pytest.mark.parametrize("depth", [
    pytest.param(4, id="four levels, as published"),
    pytest.param(3, id="three levels", marks=counterexample("18 convolutions, a quarter of the parameters")),
])
def test_unet_has_23_convolutions_and_31_million_parameters(depth, evidence):
    """U-Net as published has 23 convolutions and 31,030,658 parameters: 18 3x3, four 2x2 upwards, one 1x1."""
    widths = [64, 128, 256, 512, 1024]
    down = sum(9 * (a * b + b * b) + 2 * b for a, b in pairwise([1, *widths]))
    up = sum(4 * a * b + b + 9 * (a * b + b * b) + 2 * b for b, a in pairwise(widths))
    expected = (23, down + up + 64 * 2 + 2)
    with weightless():
        unet = UNet(in_channels=1, classes=2, depth=depth)
    convolutions = sum(isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)) for layer in unet.modules())
    evidence.measured("convolutions", convolutions, expected=23, source="Ronneberger et al. 2015, section 2")
    evidence.measured("parameters", count_parameters(unet), expected=expected[1], convention="with biases")

    assert (convolutions, count_parameters(unet)) == expected


@claim("unet-skip-same-principle")
@pytest.mark.parametrize("skip", [
    pytest.param(True, id="with skips"),
    pytest.param(False, id="skips removed", marks=counterexample("then all detail has to come through the bottom")),
])
def test_the_skip_carries_detail_and_gradient_past_the_bottom(skip, evidence):
    """Like a residual shortcut, U-Net's skip is a short path: with the bottom cut, gradient still reaches the image."""
    unet = UNet(in_channels=1, classes=2, width=4, depth=2, skip=skip)
    nn.init.zeros_(unet.up[-1].weight)                                  # nothing comes up from below any more
    image = torch.randn(1, 1, 44, 52, requires_grad=True)
    (gradient,) = torch.autograd.grad(unet(image).sum(), image)
    evidence.measured("norm of the gradient at the image", gradient.norm(), expected="above 0")

    assert gradient.norm() > 0
