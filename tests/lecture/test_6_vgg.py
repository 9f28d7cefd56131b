"""L6: VGG, the claims that counting and arithmetic decide."""

from itertools import pairwise

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters, count_weight_layers, receptive_field
from lab.counting.geometry import stack
from lab.counting.meta_device import weightless
from lab.models.alexnet import IMAGENET_2012, ONE_TOWER_2014, AlexNet
from lab.models.vgg import VGG

WIDTHS = {  # outputs of the convolutions in table 1 of the VGG paper
    "A": [64, 128, 256, 256, 512, 512, 512, 512],
    "D": [64, 64, 128, 128, 256, 256, 256, *[512] * 6],
    "E": [64, 64, 128, 128, *[256] * 4, *[512] * 8],
}
FC = [a * b + b for a, b in pairwise([512 * 7 * 7, 4096, 4096, 1000])]      # parameters of the three FC layers


def convolutional_parameters(configuration: str) -> int:
    """Weights and biases of table 1's 3x3 layers."""
    return sum(9 * a * b + b for a, b in pairwise([3, *WIDTHS[configuration]]))


@claim("vgg-16-or-19-layers")
@pytest.mark.parametrize("configuration, stages", [
    pytest.param("D", (2, 2, 3, 3, 3), id="VGG-16"),
    pytest.param("E", (2, 2, 4, 4, 4), id="VGG-19"),
    pytest.param("A", (2, 2, 3, 3, 3), id="VGG-11",
                 marks=counterexample("configuration A of the same paper has eight convolutions: 11 layers")),
])
def test_vgg_has_16_or_19_layers(configuration, stages, evidence):
    """VGG has 13 or 16 convolutions and three FC layers: 16 or 19 layers with weights, where AlexNet has 8."""
    with weightless():
        depth, alexnets = count_weight_layers(VGG(configuration)), count_weight_layers(AlexNet())
    evidence.measured("depth", depth, expected=sum(stages) + 3, unit="layers with weights", source="VGG paper, table 1")
    evidence.measured("depth of AlexNet", alexnets, expected=8, unit="layers with weights")

    assert (depth, alexnets) == (sum(stages) + 3, 8)


@claim("vgg-runner-up-2014")
@pytest.mark.parametrize("googlenet", [
    pytest.param(6.7, id="GoogLeNet's entry, 7 nets"),     # VGG paper, table 7
    pytest.param(7.9, id="one GoogLeNet",                  # VGG paper, table 7
                 marks=counterexample("a single GoogLeNet would have come behind VGG: an ensemble won")),
])
def test_vgg_came_second_in_classification(googlenet, evidence):
    """VGG came second in ILSVRC-2014 classification, 7.3 % against 6.7 %; in localisation it came first."""
    vgg, msra, clarifai_2013 = 7.3, 8.1, 11.7              # VGG paper, table 7, top-5 test error, no outside data
    place = 1 + sum(other < vgg for other in (googlenet, msra, clarifai_2013))
    evidence.measured("top-5 test errors of VGG and GoogLeNet", [vgg, googlenet], unit="%")
    evidence.measured("VGG's place", place, expected=2, source="Simonyan and Zisserman 2015, table 7 and section 4.5")

    assert place == 2


@claim("vgg-twice-alexnet")
@pytest.mark.parametrize("configuration, maps, towers", [
    pytest.param("D", IMAGENET_2012, 2, id="VGG-16 and the AlexNet of 2012"),
    pytest.param("A", IMAGENET_2012, 2, id="VGG-11", marks=counterexample("the 11-layer net is 2.18 times AlexNet")),
    pytest.param("D", IMAGENET_2012, 1, id="AlexNet in one tower", marks=counterexample("undivided it is larger")),
    pytest.param("D", ONE_TOWER_2014, 1, id="torchvision's AlexNet",
                 marks=counterexample("the later net of 61,100,840 parameters gives 2.26")),
])
def test_vgg_16_has_more_than_twice_alexnets_parameters(configuration, maps, towers, evidence):
    """VGG-16 has 2.27 times the parameters of AlexNet, not 2 times."""
    with weightless():
        vgg, alexnet = count_parameters(VGG(configuration)), count_parameters(AlexNet(maps=maps, towers=towers))
    expected = (convolutional_parameters("D") + sum(FC)) / 60_965_224       # AlexNet's figure is decided under L5.7
    evidence.measured("parameters of VGG and of AlexNet", [vgg, alexnet], convention="with biases")
    evidence.measured("VGG's parameters in AlexNets", vgg / alexnet, expected=expected)

    assert round(vgg / alexnet, 2) == round(expected, 2)


@claim("vgg-mostly-last-fc")
@pytest.mark.parametrize("configuration, hidden", [
    pytest.param("D", 4096, id="VGG-16"),
    pytest.param("E", 4096, id="VGG-19"),
    pytest.param("D", 512, id="VGG-16 with narrow FC layers",
                 marks=counterexample("512 hidden units would leave the FC layers under half of the parameters")),
])
def test_most_parameters_are_in_the_three_fc_layers(configuration, hidden, evidence):
    """VGG's three FC layers hold most of its parameters: 89.4 % of VGG-16's and 86.1 % of VGG-19's."""
    with weightless():
        vgg = VGG(configuration, hidden=hidden)
    share = count_parameters(vgg.classifier) / count_parameters(vgg)
    expected = sum(FC) / (sum(FC) + convolutional_parameters(configuration))
    evidence.measured("share of the FC layers", 100 * share, expected=100 * expected, unit="%")

    assert share == expected


@claim("vgg-mostly-last-fc")
@pytest.mark.parametrize("place", [
    pytest.param(0, id="the first FC layer"),
    pytest.param(1, id="the second FC layer", marks=counterexample("4,096 x 4,096 is one eighth of the net")),
    pytest.param(2, id="the last FC layer", marks=counterexample("the last layer, 4,096 x 1,000, holds 3 %")),
])
def test_one_fc_layer_alone_holds_three_quarters(place, evidence):
    """It is the first FC layer, 25,088 x 4,096, that holds 74.3 % of VGG-16; the last one holds 3.0 %."""
    with weightless():
        vgg = VGG("D")
    counts = [count_parameters(layer) for layer in vgg.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    shares = [100 * count / sum(counts) for count in counts]
    evidence.measured("share of this layer", shares[13 + place], expected=100 * FC[0] / sum(counts), unit="%")
    evidence.figure("bars", "VGG-16: share of the parameters", values=shares, unit="%",
                    labels=[f"conv {i}" for i in range(1, 14)] + ["FC 1", "FC 2", "FC 3"])

    assert counts[13 + place] == FC[0]


@claim("why-3x3")
@pytest.mark.parametrize("kernels, side", [
    pytest.param([3, 3], 5, id="two 3x3"),
    pytest.param([3, 3, 3], 7, id="three 3x3"),
    pytest.param([3, 1], 5, id="3x3 and 1x1", marks=counterexample("a 1x1 layer does not widen the view")),
])
def test_stacks_of_3x3_see_as_far_as_one_large_kernel(kernels, side, evidence):
    """Two stacked 3x3 layers see 5x5 pixels, three see 7x7."""
    seen = receptive_field(kernels)
    evidence.preset(stack(kernels), receptive_field=seen)
    evidence.measured("window of the stack", seen, expected=side, unit="px", source="VGG paper, section 2.3")

    assert seen == receptive_field([side])


@claim("why-3x3")
@pytest.mark.parametrize("channels", [
    pytest.param([11, 11, 11, 11], id="11 channels throughout"),
    pytest.param([11, 23, 23, 11], id="wider in between",
                 marks=counterexample("with more channels between the layers the stack costs more, not less")),
])
def test_three_3x3_layers_have_27_weights_where_7x7_has_49(channels, evidence):
    """For C channels in and out, three 3x3 layers have 27 C^2 weights and one 7x7 layer has 49 C^2, 81 % more."""
    c = channels[0]
    stack = nn.Sequential(*[nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(channels)])
    stacked, single = (count_parameters(module, bias=False) for module in (stack, nn.Conv2d(c, c, 7)))
    evidence.measured("weights of the stack", stacked, expected=27 * c * c, convention="without biases")
    evidence.measured("weights of the 7x7 layer", single, expected=49 * c * c, convention="without biases")

    assert (stacked, single) == (27 * c * c, 49 * c * c)
