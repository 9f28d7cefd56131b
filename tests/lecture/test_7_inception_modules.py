"""L7: the Inception module, its four versions, and the version in which the 1x1 reduction came."""

from functools import partial

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.googlenet import Inception as TorchvisionInception

from lab.claims import claim, counterexample
from lab.counting import count_parameters, probed_receptive_field
from lab.counting.geometry import reduction
from lab.counting.meta_device import output_shape, weightless
from lab.models.inception import TABLE_1, Branches, GoogLeNet, Inception, NaiveInception
from lab.models.inception_later import bn_inception, inception_v3
from lab.models.inception_v4 import inception_v4

TABLE = "Szegedy et al., arXiv:1409.4842, Table 1"
OUTPUT_SIZE = {  # Table 1, column "output size": maps
    "3a": 256, "3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528, "4e": 832, "5a": 832, "5b": 1024}
V1 = 1409  # year and month of arXiv:1409.4842, whose Table 1 has the columns "#3x3 reduce" and "#5x5 reduce"
V2, V3 = 1502, 1512  # arXiv:1502.03167 (BN-Inception), arXiv:1512.00567
WIDE, TALL = {(1, 7), (7, 1)}, {(1, 3), (3, 1)}


def built(build):
    """The model in eval mode, its parameters as shapes only."""
    with weightless():
        return build().eval()


def torchvision_v1():
    """torchvision's GoogLeNet without its heads."""
    return torchvision.models.googlenet(aux_logits=False, init_weights=False)


def convolutions(module):
    """Every convolution inside a module."""
    return [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]


def last_linear(net):
    """The layer that gives the logits."""
    return [layer for layer in net.modules() if isinstance(layer, nn.Linear)][-1]


@claim("inception-versions")
@pytest.mark.parametrize("build, parameters, maps, source", [
    pytest.param(GoogLeNet, 6_990_272 + 8_280, 1024, TABLE, id="V1"),
    pytest.param(bn_inception, 11_295_240, 1024, "osmr/imgclsmob; Inception-v2 is another net in V3's paper",
                 id="V2, BN-Inception"),
    pytest.param(inception_v3, 27_161_264 - 3_326_696, 2048, "torchvision's metadata less the head", id="V3"),
    pytest.param(inception_v4, 42_679_816, 1536, "inceptionv4 in Cadene/pretrained-models.pytorch", id="V4"),
    pytest.param(torchvision_v1, 6_990_272 + 8_280, 1024, TABLE, id="torchvision's V1",
                 marks=counterexample("with 3x3 in the place of 5x5, and BatchNorm, it has 6,624,904")),
])
def test_each_version_has_its_published_parameters_and_maps(build, parameters, maps, source, evidence):
    """Inception V1, V2, V3 and V4 are four nets, of 7.0, 11.3, 23.8 and 42.7 million parameters."""
    net = built(build)
    evidence.measured("parameters", count_parameters(net), expected=parameters, convention="biases too, heads left out",
                      source=source)
    evidence.measured("maps before the classifier", last_linear(net).in_features, expected=maps, source=source)

    assert (count_parameters(net), last_linear(net).in_features) == (parameters, maps)


@claim("inception-versions")
@pytest.mark.parametrize("build, kernels", [
    pytest.param(GoogLeNet, {(1, 1), (3, 3), (5, 5), (7, 7)}, id="V1"),
    pytest.param(bn_inception, {(1, 1), (3, 3), (7, 7)}, id="V2: no 5x5 any more"),
    pytest.param(inception_v3, {(1, 1), (3, 3), (5, 5)} | WIDE | TALL, id="V3: n x 1, and 5x5 again"),
    pytest.param(inception_v4, {(1, 1), (3, 3)} | WIDE | TALL, id="V4: n x 1 without 5x5"),
    pytest.param(inception_v3, {(1, 1), (3, 3)} | WIDE | TALL, id="V3 without 5x5",
                 marks=counterexample("the released V3 has a 5x5 convolution in each of its three 35 px modules")),
])
def test_each_version_has_kernels_of_its_own(build, kernels, evidence):
    """V1 has 5x5 kernels, V2 two 3x3 in their place, V3 also 1x7 and 7x1, V4 these without any 5x5."""
    found = {layer.kernel_size for layer in convolutions(built(build))}
    evidence.measured("kernel sizes", sorted(f"{height}x{width}" for height, width in found),
                      expected=sorted(f"{height}x{width}" for height, width in kernels))

    assert found == kernels


@claim("inception-parallel-scales")
@pytest.mark.parametrize("build", [
    *[pytest.param(partial(Inception, *TABLE_1[name]), id=name) for name in ("3a", "4d", "5b")],
    pytest.param(lambda: Branches(*Inception(*TABLE_1["3a"]).branches[:3]), id="3a without its pooling branch",
                 marks=counterexample("a module with a branch less has a scale less")),
    pytest.param(lambda: Branches(*TorchvisionInception(*TABLE_1["3a"]).children()), id="torchvision's 3a",
                 marks=counterexample("torchvision has a second 3x3 in the place of the 5x5")),
])
def test_the_branches_of_a_module_see_windows_of_1_3_and_5_px(build, evidence):
    """Side by side, the branches of an Inception module see 1x1, 3x3, 5x5 and, pooled, 3x3 pixels of one map."""
    branches = build().branches
    in_channels = convolutions(branches)[0].in_channels
    windows = [probed_receptive_field(branch, image_size=11, in_channels=in_channels) for branch in branches]
    evidence.measured("side of the window of each branch", windows, expected=[1, 3, 5, 3], unit="px")

    assert windows == [1, 3, 5, 3]


@claim("inception-parallel-scales")
@pytest.mark.parametrize("name, branches", [
    *[pytest.param(name, 4, id=name) for name in TABLE_1],
    pytest.param("3a", 3, id="3a without its pooling branch",
                 marks=counterexample("its 32 maps are missing from the 256")),
])
def test_a_module_puts_out_the_maps_of_all_its_branches(name, branches, evidence):
    """A module's output has the maps of all its branches, one after the other, at the size of its input."""
    module = Branches(*built(partial(Inception, *TABLE_1[name])).branches[:branches])
    expected = (1, OUTPUT_SIZE[name], 7, 11)
    shape = output_shape(module, torch.empty(1, TABLE_1[name][0], 7, 11))
    evidence.measured("output, images x maps x height x width", shape, expected, source=TABLE)

    assert shape == expected


@claim("reduction-came-in-v2")
@pytest.mark.exact
@pytest.mark.parametrize("build", [
    pytest.param(partial(Inception, *TABLE_1["3a"]), id="the paper's V1"),
    pytest.param(partial(TorchvisionInception, *TABLE_1["3a"]), id="torchvision's V1"),
    pytest.param(partial(NaiveInception, 192, 64, 128, 32), id="naive sketch of fig. 2(a)",
                 marks=counterexample("without reductions all 192 maps go into the large kernels")),
])
def test_v1_reduces_to_96_and_16_maps_before_its_large_kernels(build, evidence):
    """Inception V1 already reduces: in module 3a, 96 of 192 maps enter the 3x3 convolution and 16 the 5x5."""
    module = built(build)
    entering = [layer.in_channels for layer in convolutions(module) if layer.kernel_size != (1, 1)]
    for branch in getattr(module, "branches", module.children()):
        evidence.preset(reduction(branch), weights=sum(layer.weight.numel() for layer in convolutions(branch)))
    both = NaiveInception(192, 64, 128, 32), Inception(*TABLE_1["3a"])
    evidence.measured("maps that enter the large kernels", entering, expected=[96, 16], source=TABLE)
    evidence.figure("bars", "Weights of module 3a with and without reductions", unit="weights",
                    labels=["1x1", "3x3", "5x5", "pooling"], groups=["naive, fig. 2(a)", "V1, fig. 2(b)"],
                    values=[[count_parameters(branch, bias=False) for branch in one.branches] for one in both])

    assert entering == [96, 16]


@claim("reduction-came-in-v2")
@pytest.mark.record
@pytest.mark.parametrize("paper", [
    pytest.param(V1, id="the paper with Table 1"),
    pytest.param(V3, id="V3's paper", marks=counterexample("what is in a paper of December 2015 is not older than V2")),
])
def test_the_reduction_was_published_before_v2(paper, evidence):
    """The paper with the reduce columns is of September 2014, BN-Inception's of February 2015."""
    evidence.measured("paper, year and month", paper, source="arXiv:1409.4842, arXiv:1512.00567")
    evidence.measured("BN-Inception's paper, year and month", V2, source="arXiv:1502.03167")

    assert paper < V2
