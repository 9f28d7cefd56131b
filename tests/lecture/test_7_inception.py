"""Section 7, the Inception module's 3x3 branch: what the 1x1 reduction before it saves."""

import pytest
import torch
import torchvision
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_multiply_adds, count_parameters
from lab.counting.geometry import reduction
from lab.counting.meta_device import output_shape, weightless
from lab.models.inception import TABLE_1, Inception, NaiveInception

MAP = torch.empty(1, 256, 28, 28, device="meta")  # what module 3b receives, GoogLeNet's table 1


def convolution(in_channels, out_channels, kernel, **options):
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, **{"bias": False, **options})


def reduced(between, **options):
    """A 1x1 reduction from 256 to `between` channels, then 3x3 to 192."""
    return nn.Sequential(convolution(256, between, 1, **options), convolution(between, 192, 3, **options))


@claim("inception-3x3-branch")
@pytest.mark.parametrize("branch", [
    pytest.param(convolution(256, 192, 3), id="3x3 from 256 to 192"),
    pytest.param(convolution(256, 192, 3, bias=True), id="with bias", marks=counterexample("192 biases more")),
    pytest.param(convolution(256, 192, 3, groups=2), id="two groups",
                 marks=counterexample("each filter sees 128 channels: half the weights")),
    pytest.param(convolution(192, 256, 3), id="192 and 256 swapped",
                 marks=counterexample("as many weights, but the map of 256 channels doesn't fit")),
])
def test_3x3_branch_has_442368_weights(branch, evidence):
    """A 3x3 branch from 256 to 192 channels has 442,368 weights."""
    weights, shape = count_parameters(branch), output_shape(branch, MAP)
    evidence.preset(reduction(branch), parameters=weights)
    evidence.measured("parameters", weights, expected=442_368, convention="with bias, where the branch has one")
    evidence.measured("output, (images, maps, height, width)", shape, expected=[1, 192, 28, 28])

    assert (weights, shape) == (3 * 3 * 256 * 192, (1, 192, 28, 28))


@claim("inception-1x1-reduction")
@pytest.mark.parametrize("branch", [
    pytest.param(reduced(64), id="reduction to 64"),
    pytest.param(reduced(64, bias=True), id="with biases", marks=counterexample("64 + 192 biases more")),
    pytest.param(reduced(128), id="reduction to 128", marks=counterexample("both layers grow with the width between")),
    pytest.param(convolution(256, 192, 3), id="no reduction", marks=counterexample("that is 442,368")),
])
def test_reduced_3x3_branch_has_126976_weights(branch, evidence):
    """A 1x1 reduction to 64 channels leaves 126,976 weights, and the output as it was."""
    weights, shape = count_parameters(branch), output_shape(branch, MAP)
    evidence.preset(reduction(branch), parameters=weights)
    evidence.measured("parameters", weights, expected=126_976, convention="with biases, where the branch has them")
    evidence.measured("output, (images, maps, height, width)", shape, expected=[1, 192, 28, 28])

    assert (weights, shape) == (1 * 1 * 256 * 64 + 3 * 3 * 64 * 192, (1, 192, 28, 28))


@claim("inception-1x1-reduction")
@pytest.mark.parametrize("between", [
    pytest.param(64, id="to 64, the lecture's"),
    pytest.param(128, id="to 128, the real module's"),
    pytest.param(192, id="to 192", marks=counterexample("saves 14 %, nothing worth the name")),
    pytest.param(256, id="to 256", marks=counterexample("reduces nothing and costs 15 % more")),
])
def test_a_reduction_to_half_the_width_or_less_saves_weights_and_work(between, evidence):
    """A reduction to half the channels or fewer saves at least a third of the weights and of the multiply-adds."""
    branches = {"direct": convolution(256, 192, 3), **{str(width): reduced(width) for width in (64, 128, 192, 256)}}
    weights = {name: count_parameters(branch) for name, branch in branches.items()}
    work = {name: count_multiply_adds(branch, MAP) for name, branch in branches.items()}
    left = [counts[str(between)] / counts["direct"] for counts in (weights, work)]
    evidence.measured("share of weights that is left", left[0], convention="weights only")
    evidence.measured("share of multiply-adds that is left", left[1], convention="28 x 28 px, without biases")
    evidence.figure("bars", "Weights of the 3x3 branch, 256 to 192 channels, by the width between", unit="weights",
                    labels=list(weights), values=list(weights.values()))

    assert max(left) <= 1 - 1 / 3


@claim("inception-1x1-reduction")
@pytest.mark.parametrize("branch", [
    pytest.param(lambda: Inception(*TABLE_1["3b"]).branches[1], id="GoogLeNet's module 3b"),
    pytest.param(lambda: torchvision.models.googlenet(init_weights=False).inception3b.branch2, id="torchvision's"),
    pytest.param(lambda: Inception(*TABLE_1["3a"]).branches[1], id="module 3a",
                 marks=counterexample("another module: 192 channels in, 96 between, 128 out")),
    pytest.param(lambda: NaiveInception(256, 128, 192, 96).branches[1], id="naive module",
                 marks=counterexample("fig. 2(a) has no reduction")),
])
def test_the_real_module_3b_reduces_to_128(branch, evidence):
    """GoogLeNet's own module 3b reduces to 128 channels: 253,952 weights, 1.74 times fewer."""
    with weightless():
        convolutions = [layer for layer in branch().modules() if isinstance(layer, nn.Conv2d)]
    weights = sum(count_parameters(layer, bias=False) for layer in convolutions)
    evidence.measured("weights", weights, expected=253_952, convention="convolutions' weights, no bias, no BatchNorm",
                      source="Szegedy et al. 2014, arXiv:1409.4842, table 1, row 3b")

    assert weights == 1 * 1 * 256 * 128 + 3 * 3 * 128 * 192  # arXiv:1409.4842, table 1, row 3b: #3x3 reduce, #3x3
