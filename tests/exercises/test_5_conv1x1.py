"""Exercise question 5: what a 1x1 convolution is, what it is for, and how it differs from a fully connected layer."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.counting.geometry import geometry
from lab.counting.meta_device import output_shape


@claim("conv1x1-is-fc-per-pixel")
@pytest.mark.parametrize("kernel", [
    pytest.param(1, id="1x1"),
    pytest.param(3, id="3x3", marks=counterexample("eight neighbours have a say as well")),
])
def test_1x1_convolution_is_a_linear_layer_at_each_pixel(kernel, evidence):
    """A 1x1 convolution and a linear layer at each pixel with the same weights agree in outputs and gradients."""
    conv, centre = nn.Conv2d(5, 7, kernel, padding=kernel // 2, dtype=torch.float64), kernel // 2
    evidence.preset(geometry(conv), parameters=count_parameters(conv))
    image = torch.rand(2, 5, 11, 13, dtype=torch.float64, requires_grad=True)
    pixels = image.movedim(1, -1)  # (2, 11, 13, 5): a linear layer works on the last dimension
    outputs = [conv(image), F.linear(pixels, conv.weight[:, :, centre, centre], conv.bias).movedim(-1, 1)]
    direction = torch.randn(2, 7, 11, 13, dtype=torch.float64)
    results = [[output.detach(), *torch.autograd.grad(output, [image, *conv.parameters()], direction)]
               for output in outputs]
    differences = [float((one - other).abs().max()) for one, other in zip(*results, strict=True)]
    evidence.measured("largest difference: output, gradients of image, weights, biases", differences,
                      expected=[0.0] * 4)

    assert max(differences) < 1e-12  # float64


def bottleneck(between, bias=False):
    """256 channels to `between` by 1x1, a 3x3 there, and back to 256 by 1x1."""
    return nn.Sequential(nn.Conv2d(256, between, 1, bias=bias), nn.Conv2d(between, between, 3, padding=1, bias=bias),
                         nn.Conv2d(between, 256, 1, bias=bias))


@claim("conv1x1-saves-parameters")
@pytest.mark.parametrize("block", [
    pytest.param(bottleneck(64), id="256-64-64-256"),
    pytest.param(bottleneck(64, bias=True), id="with biases", marks=counterexample("64 + 64 + 256 biases more")),
    pytest.param(bottleneck(128), id="256-128-128-256", marks=counterexample("twice the width between")),
])
def test_bottleneck_has_69632_weights(block, evidence):
    """The bottleneck 256-64-64-256 has 69,632 weights."""
    weights = count_parameters(block)
    evidence.measured("parameters", weights, expected=69_632, convention="with biases, where the block has them")

    assert weights == 256 * 64 + 3 * 3 * 64 * 64 + 64 * 256


@claim("conv1x1-saves-parameters")
@pytest.mark.parametrize("between", [
    pytest.param(64, id="reduction to 64"),
    pytest.param(128, id="reduction to 128"),
    pytest.param(512, id="expansion to 512", marks=counterexample("a 1x1 layer can widen too, and then costs weights")),
])
def test_reducing_the_channels_saves_weights(between, evidence):
    """Reducing the channels by 1x1 before a 3x3 saves weights against two 3x3 layers at full width."""
    direct = nn.Sequential(*(nn.Conv2d(256, 256, 3, padding=1, bias=False) for _ in range(2)))
    blocks = {"two 3x3": direct, **{f"256-{n}-{n}-256": bottleneck(n) for n in (64, 128, 512)}}
    weights = {name: count_parameters(block) for name, block in blocks.items()}
    ours = weights[f"256-{between}-{between}-256"]
    evidence.measured("two 3x3 layers", weights["two 3x3"], expected=2 * 9 * 256 * 256, convention="weights only")
    evidence.measured("times fewer weights", weights["two 3x3"] / ours, convention="weights only")
    evidence.figure("bars", "Weights of a block from 256 to 256 channels", labels=list(weights),
                    values=list(weights.values()), unit="weights")

    assert ours < 2 * 3 * 3 * 256 * 256


@claim("conv1x1-fits-any-size")
@pytest.mark.parametrize("layers", [
    pytest.param([nn.Conv2d(3, 5, 1)], id="1x1 convolution"),
    pytest.param([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5)], id="FC after global pooling"),
    pytest.param([nn.Flatten(), nn.Linear(3 * 32 * 32, 5)], id="FC after flatten",
                 marks=counterexample("its weights are numbered by pixel: only 32 x 32 px fit")),
])
def test_1x1_convolution_takes_any_size(layers, evidence):
    """A 1x1 convolution takes maps of every size; a fully connected layer after flatten takes one."""
    sizes = [(32, 32), (1, 1), (7, 7), (13, 11), (224, 224)]  # px, height and width
    shapes = [output_shape(nn.Sequential(*layers), torch.empty(1, 3, *size)) for size in sizes]
    for size, shape in zip(sizes, shapes, strict=True):
        evidence.measured("output for {} x {} px".format(*size), shape or "does not fit")

    assert None not in shapes
