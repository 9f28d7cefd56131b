"""E8: blocks whose convolutions change the map's shape, so that x can't simply be added."""

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.counting.geometry import geometry
from lab.counting.meta_device import output_shape
from lab.models.resnet import (
    Bottleneck,
    Residual,
    ZeroPadShortcut,
    basic_branch,
    bottleneck_branch,
    projection_shortcut,
)

MAPS = torch.empty(2, 7, 32, 32, device="meta")


@claim("shrinking-blocks-addition")
@pytest.mark.parametrize("k, padding", [
    pytest.param(5, 0, id="5x5"),
    pytest.param(3, 0, id="3x3"),
    pytest.param(5, 2, id="5x5 with border 2", marks=counterexample("the border keeps the size: x fits")),
    pytest.param(1, 0, id="1x1", marks=counterexample("a 1x1 convolution needs no border")),
    pytest.param(32, 0, id="32x32", marks=counterexample("one pixel is added to all: no error, no sense")),
])
def test_x_cannot_be_added_to_a_smaller_map(k, padding, evidence):
    """A convolution without border makes 32 pixels 32 - (k - 1), and adding x to the smaller map is an error."""
    conv = nn.Conv2d(7, 7, k, padding=padding)
    shape, total = output_shape(conv, MAPS), output_shape(Residual(conv, nn.Identity()), MAPS)
    evidence.preset(geometry(conv, height=32), output_height=shape[2])
    evidence.measured("shape of F(x)", shape, expected=[2, 7, 33 - k, 33 - k])
    evidence.measured("shape of F(x) + x", total or "does not fit", expected="does not fit")

    assert total is None


@claim("shrinking-blocks-addition")
@pytest.mark.parametrize("k, padding", [
    pytest.param(3, 1, id="3x3, border 1"),
    pytest.param(5, 2, id="5x5, border 2"),
    pytest.param(7, 3, id="7x7, border 3"),
    pytest.param(5, 1, id="5x5, border 1", marks=counterexample("two pixels are still lost")),
    pytest.param(4, 2, id="4x4, border 2", marks=counterexample("an even kernel has no middle: 33 pixels, or 31")),
])
def test_a_border_of_half_the_kernel_keeps_the_map(k, padding, evidence):
    """With a border of (k - 1) / 2 an odd kernel keeps the map's size, so that x can be added."""
    shape = output_shape(Residual(nn.Conv2d(7, 7, k, padding=padding), nn.Identity()), MAPS)
    evidence.measured("shape of F(x) + x", shape or "does not fit", expected=list(MAPS.shape))

    assert shape == MAPS.shape


@claim("bottleneck-keeps-shape")
@pytest.mark.parametrize("padding", [
    pytest.param(1, id="as in the notes"),
    pytest.param(0, id="no border in the 3x3", marks=counterexample("the 3x3 takes a pixel from each side")),
])
@pytest.mark.parametrize("height, width", [
    pytest.param(56, 56, id="56 x 56"), pytest.param(19, 31, id="19 x 31"), pytest.param(3, 3, id="3 x 3")])
def test_the_bottleneck_keeps_the_shape(height, width, padding, evidence):
    """Bottleneck(256, 64) gives maps of the shape that it was given, whatever their size."""
    branch = Bottleneck(256, 64).branch              # not the sum, which one pixel would fit by broadcasting
    branch[3].padding = (padding, padding)
    shape = output_shape(branch, torch.empty(5, 256, height, width, device="meta"))
    evidence.preset(geometry(branch[3], height=height), output_height=shape[2])
    evidence.measured("shape of F(x)", shape, expected=[5, 256, height, width])

    assert shape == (5, 256, height, width)


@claim("bottleneck-keeps-shape")
@pytest.mark.parametrize("block", [
    pytest.param(Bottleneck(256, 64), id="as in the notes"),
    pytest.param(bottleneck_branch(256, 64), id="without biases",
                 marks=counterexample("70,400: BatchNorm's shift makes the convolutions' biases superfluous")),
    pytest.param(basic_branch(256, 256), id="basic block", marks=counterexample("two 3x3 at full width: 17 times")),
])
def test_the_bottleneck_has_70_784_parameters(block, evidence):
    """Bottleneck(256, 64) has 70,784 parameters, a seventeenth of the basic block of the same width."""
    channels, width = 256, 64
    weights = channels * width + 3 * 3 * width * width + width * channels
    expected = weights + (1 + 2) * (width + width + channels)          # a bias, and BatchNorm's scale and shift
    evidence.measured("parameters", count_parameters(block), expected=expected, convention="with biases and BN")

    assert count_parameters(block) == expected


@claim("projection-shortcut")
@pytest.mark.parametrize("shortcut", [
    pytest.param(projection_shortcut(7, 13, stride=2), id="1x1 projection, option B"),
    pytest.param(ZeroPadShortcut(7, 13, stride=2), id="zero padding, option A"),
    pytest.param(nn.Identity(), id="x as it is", marks=counterexample("7 x 32 x 32 does not fit 13 x 16 x 16")),
    pytest.param(projection_shortcut(7, 13, stride=1), id="projection without stride",
                 marks=counterexample("the channels fit, the pixels do not")),
])
def test_the_shortcut_must_change_shape_with_the_branch(shortcut, evidence):
    """Where the branch halves and widens the map, a shortcut of the same stride and width restores the addition."""
    branch = basic_branch(7, 13, stride=2)
    shape = output_shape(Residual(branch, shortcut), MAPS)
    evidence.preset(geometry(branch[0], height=32), output_height=output_shape(branch, MAPS)[2])
    evidence.measured("shape of F(x) + shortcut(x)", shape or "does not fit", expected=[2, 13, 32 // 2, 32 // 2])

    assert shape == (2, 13, 32 // 2, 32 // 2)


@claim("projection-shortcut")
@pytest.mark.parametrize("shortcut", [
    pytest.param(ZeroPadShortcut(7, 13, stride=2), id="option A"),
    pytest.param(projection_shortcut(7, 13, stride=2), id="option B",
                 marks=counterexample("7 x 13 weights and BatchNorm's 2 x 13: 117 parameters")),
])
def test_option_a_is_free(shortcut, evidence):
    """Subsampling and filling the new channels with zeros changes the shape without a single parameter."""
    evidence.measured("parameters of the shortcut", count_parameters(shortcut), expected=0)

    assert count_parameters(shortcut) == 0
