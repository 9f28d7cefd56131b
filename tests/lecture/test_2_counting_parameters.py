"""Section 2: how many parameters a convolution layer has, and what the count does not depend on."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import nn

from lab.claims import claim, counterexample
from lab.claims.smallest_exception import smallest_where
from lab.counting import count_multiply_adds, count_parameters
from lab.counting.geometry import geometry
from lab.counting.meta_device import output_shape
from lab.models.small.local import LocallyConnected2d

widths = st.integers(1, 40)
layers = st.tuples(st.integers(1, 11), widths, widths, st.integers(1, 12))  # k, Cin / groups, Cout / groups, groups


@claim("conv-parameters-formula")
@pytest.mark.parametrize("bias, formula", [
    pytest.param(False, lambda k, ins, outs, groups: k * k * (ins // groups) * outs, id="weights"),
    pytest.param(True, lambda k, ins, outs, groups: k * k * (ins // groups) * outs + outs, id="weights and biases"),
    pytest.param(False, lambda k, ins, outs, groups: k * k * ins * outs, id="the lecture's formula, groups or not",
                 marks=counterexample("a filter of a grouped layer sees its own group's input channels only")),
    pytest.param(True, lambda k, ins, outs, groups: k * k * (ins // groups) * outs, id="biases forgotten",
                 marks=counterexample("a layer with bias has one more parameter for each output channel")),
    pytest.param(False, lambda k, ins, outs, groups: k * k * (ins // groups) * (outs // groups), id="both divided",
                 marks=counterexample("that is one group's weights, and there are as many as groups")),
])
def test_weights_are_kernel_area_times_inputs_of_a_group_times_outputs(bias, formula, evidence):
    """A convolution has k x k x (Cin / groups) x Cout weights, and Cout biases if it has a bias."""
    def differs(layer):
        k, ins_of_group, outs_of_group, groups = layer
        ins, outs = ins_of_group * groups, outs_of_group * groups
        module = nn.Conv2d(ins, outs, k, groups=groups, bias=bias, device="meta")
        return count_parameters(module) != formula(k, ins, outs, groups)

    exception = smallest_where(differs, layers, tries=300)
    evidence.measured("smallest of 300 random layers (k, Cin / groups, Cout / groups, groups) that differs",
                      exception or "none", expected="none", convention="biases counted" if bias else "no bias")

    assert exception is None


@claim("conv-parameters-formula")
@pytest.mark.parametrize("groups, out_channels", [
    pytest.param(2, 64, id="two towers, as in AlexNet"),
    pytest.param(16, 64, id="sixteen groups"),
    pytest.param(64, 64, id="depthwise"),
    pytest.param(16, 128, id="sixteen groups, twice as wide",
                 marks=counterexample("doubling the width takes back one halving by groups")),
])
def test_groups_divide_the_weights(groups, out_channels, evidence):
    """Each doubling of the groups halves the weights of a 3x3 layer from 64 to 64 channels."""
    layers = {g: nn.Conv2d(64, out_channels, 3, groups=g, bias=False, device="meta") for g in (1, 2, 4, 16, 64)}
    weights = {g: count_parameters(layer) for g, layer in layers.items()}
    grouped, whole = weights[groups], 3 * 3 * 64 * 64
    evidence.preset(geometry(layers[groups]), weights=grouped)
    evidence.measured("weights", grouped, expected=whole // groups, convention="weights only")
    evidence.figure("bars", "Weights of a 3x3 layer from 64 channels, by groups", labels=list(map(str, weights)),
                    values=list(weights.values()), unit="weights", log=True)

    assert grouped * groups == whole


@claim("conv-3x3x3x4-is-108")
@pytest.mark.parametrize("layer", [
    pytest.param(nn.Conv2d(3, 4, 3, bias=False), id="weights"),
    pytest.param(nn.Conv2d(3, 4, 3, bias=False, stride=2, padding=1, dilation=5), id="any stride, padding, dilation"),
    pytest.param(nn.Conv2d(3, 4, 3), id="with bias", marks=counterexample("four biases make it 112")),
    pytest.param(nn.Conv2d(1, 4, 3, bias=False), id="grey image", marks=counterexample("one input channel: 36")),
])
def test_3x3_from_3_to_4_channels_has_108_weights(layer, evidence):
    """A 3x3 convolution from 3 to 4 channels has 108 weights."""
    kernel_height, kernel_width, in_channels, out_channels = 3, 3, 3, 4
    count = count_parameters(layer)
    evidence.preset(geometry(layer), parameters=count)
    evidence.measured("parameters", count, expected=108, convention="with bias, where the layer has one")

    assert count == kernel_height * kernel_width * in_channels * out_channels


def convolution(side):
    return nn.Conv2d(3, 4, 3, padding=1, bias=False)


def fully_connected(side):
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * side * side, 4 * side * side, bias=False))


def locally_connected(side):
    return LocallyConnected2d(3, 4, 3, (side, side), padding=1, bias=False)


def on_meta(build, sides):
    """[(layer, image)] for each side, without numbers: the largest FC layer has thirty thousand million weights."""
    with torch.device("meta"):
        return [(build(side), torch.empty(1, 3, side, side)) for side in sides]


@claim("parameters-ignore-map-size")
@pytest.mark.parametrize("build", [
    pytest.param(convolution, id="convolution"),
    pytest.param(fully_connected, id="FC after flatten",
                 marks=counterexample("each input value has weights of its own")),
    pytest.param(locally_connected, id="locally connected",
                 marks=counterexample("each position has a kernel of its own")),
])
def test_a_convolution_has_as_many_weights_on_any_map(build, evidence):
    """A convolution from 3 to 4 channels has the same 108 weights on maps of 32, 64 and 224 px."""
    sides = [32, 64, 224]
    counts = [count_parameters(layer) for layer, _ in on_meta(build, sides)]
    evidence.measured("weights at 32, 64, 224 px", counts, expected=[108] * 3, convention="weights only")
    evidence.figure("lines", "Weights against the side of the map", x=sides, series={"weights": counts},
                    xlabel="side of the map, px", ylabel="weights", logx=True, logy=True)

    assert counts == [3 * 3 * 3 * 4 for _ in sides]


@claim("parameters-ignore-map-size")
@pytest.mark.parametrize("build", [
    pytest.param(convolution, id="convolution"),
    pytest.param(locally_connected, id="locally connected"),
    pytest.param(fully_connected, id="FC after flatten",
                 marks=counterexample("every output meets every input: multiply-adds grow with the area squared")),
])
def test_multiply_adds_of_a_convolution_grow_with_the_area(build, evidence):
    """The work of a convolution does depend on the map: it grows with the area."""
    sides = [32, 64, 224]
    work = []
    for side, (layer, image) in zip(sides, on_meta(build, sides), strict=True):
        work.append(count_multiply_adds(layer, image))
        evidence.preset(geometry(layer, height=side, width=side), multiply_adds=work[-1])
    evidence.measured("multiply-adds at 32, 64, 224 px", work, convention="multiply-adds of one image, no bias",
                      expected=[108 * side**2 for side in sides])

    assert work == [side * side * 3 * 3 * 3 * 4 for side in sides]


@claim("four-filters-of-three-kernels")
@pytest.mark.parametrize("layer", [
    pytest.param(nn.Conv2d(3, 4, 3), id="3 -> 4 channels"),
    pytest.param(nn.Conv2d(4, 3, 3), id="4 -> 3 channels", marks=counterexample("three filters of four kernels")),
    pytest.param(nn.Conv2d(3, 12, 3, groups=3), id="depthwise, four for each channel",
                 marks=counterexample("twelve filters of one kernel: as many kernels, never summed")),
])
def test_the_weights_are_four_filters_of_three_kernels(layer, evidence):
    """The weights from 3 to 4 channels are 4 filters, each of 3 kernels of 3x3."""
    filters, kernels_of_filter, *kernel = layer.weight.shape
    evidence.preset(geometry(layer), weights=layer.weight.numel())
    evidence.measured("filters, kernels of a filter, height, width", [filters, kernels_of_filter, *kernel],
                      expected=[4, 3, 3, 3])

    assert (filters, kernels_of_filter, kernel) == (4, 3, [3, 3])


@claim("four-filters-of-three-kernels")
@pytest.mark.parametrize("channels", [
    pytest.param([0, 1, 2], id="all three kernels"),
    pytest.param([0, 1], id="one kernel dropped", marks=counterexample("each kernel adds to the map")),
    pytest.param([0, 1, 1], id="one kernel twice",
                 marks=counterexample("each kernel belongs to its own input channel")),
])
def test_an_output_map_is_the_sum_of_its_filters_three_maps(channels, evidence):
    """Output map j is the sum of three single-channel convolutions, each by one kernel of filter j."""
    layer, image = nn.Conv2d(3, 4, 3, bias=False).double(), torch.rand(1, 3, 13, 17).double()
    maps, filters = layer(image).detach(), layer.weight.detach()
    sums = sum(F.conv2d(image[:, [c]], filters[:, [c]]) for c in channels)  # (1, 4, 11, 15) for each input channel
    difference = float((maps - sums).abs().max())
    evidence.measured("largest difference from the layer's maps", difference, expected=0.0)

    assert difference < 1e-12  # float64


@claim("maps-keep-the-input-size")
@pytest.mark.parametrize("padding, stride, side", [
    pytest.param(1, 1, 64, id="padding 1 keeps 64 px"),
    pytest.param(0, 1, 64 - 2, id="without padding one pixel is lost on each side"),
    pytest.param(1, 2, 64 // 2, id="stride 2 halves the map"),
    pytest.param(0, 1, 64, id="no padding", marks=counterexample("the window stays inside: 62 px")),
    pytest.param(1, 2, 64, id="stride 2", marks=counterexample("every other position is skipped: 32 px")),
    pytest.param(2, 1, 64, id="padding 2", marks=counterexample("more than the kernel takes: 66 px")),
])
def test_3x3_maps_keep_their_size_with_padding_1_and_stride_1(padding, stride, side, evidence):
    """The four maps of a 3x3 convolution are as large as the input with padding 1 and stride 1, not as such."""
    layer = nn.Conv2d(3, 4, 3, stride, padding, device="meta")
    shape = output_shape(layer, torch.empty(1, 3, 64, 64))
    evidence.preset(geometry(layer, height=64), output_height=shape[2])
    evidence.measured("output, (images, maps, height, width)", shape, expected=[1, 4, side, side])

    assert shape == (1, 4, side, side)
