"""L7: GoogLeNet, counted on the paper's own layers: its depth, its parameters, the FC layer that it keeps."""

from functools import partial

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters, count_weight_layers
from lab.counting.meta_device import weightless
from lab.models.alexnet import AlexNet
from lab.models.inception import TABLE_1, AuxiliaryHead, GoogLeNet, conv_relu
from lab.models.vgg import VGG

WEIGHTS = "weights without biases, auxiliary heads left out"
CLARIFAI, CLARIFAI_MORE_DATA = 11.7, 11.2  # top-5 error in %, ILSVRC 2013: GoogLeNet paper, Table 2
PARAMETERS = [2.7, 112, 159, 380, 364, 437, 463, 580, 840, 1072, 1388, 1000]    # thousands: GoogLeNet paper, Table 1
SEVEN_NETS, ONE_NET = 6.67, 10.07  # top-5 error in %, 7 nets on 144 crops, 1 net on 1 crop: GoogLeNet paper, Table 3


def built(build):
    """The model in eval mode, its parameters as shapes only."""
    with weightless():
        return build().eval()


def network_in_network():
    """Its last convolution has a map for each class, which is averaged: no FC layer (Lin et al., arXiv:1312.4400)."""
    return nn.Sequential(conv_relu(3, 192, 5), conv_relu(192, 1000, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@claim("googlenet-won-2014")
@pytest.mark.parametrize("before, after", [
    pytest.param(CLARIFAI, SEVEN_NETS, id="Clarifai 2013, seven GoogLeNets"),
    pytest.param(CLARIFAI, ONE_NET, id="Clarifai 2013, one GoogLeNet",
                 marks=counterexample("one net on one crop has 10.07 %: the 6.7 is an ensemble's")),
    pytest.param(CLARIFAI_MORE_DATA, SEVEN_NETS, id="Clarifai 2013 with outside data, seven GoogLeNets",
                 marks=counterexample("with outside data Clarifai's error was 11.2 %, no longer 11.7")),
])
def test_the_error_fell_from_11_7_to_6_7_for_seven_nets_on_144_crops(before, after, evidence):
    """From 11.7 to 6.7 % is Clarifai without outside data against seven GoogLeNets on 144 crops of each image."""
    source = "Szegedy et al., arXiv:1409.4842, Tables 2 and 3"
    evidence.measured("top-5 error before", before, expected=11.7, unit="%", source=source)
    evidence.measured("top-5 error of GoogLeNet", after, expected=6.7, unit="%", source=source)
    evidence.measured("gained of it by one net on one crop", CLARIFAI - ONE_NET, unit="points", source=source)

    assert f"{before:.1f} -> {after:.1f}" == "11.7 -> 6.7"


@claim("googlenet-22-layers")
@pytest.mark.parametrize("table", [
    pytest.param(TABLE_1, id="all nine modules"),
    pytest.param({name: row for name, row in TABLE_1.items() if name != "4c"}, id="without module 4c",
                 marks=counterexample("each module adds two layers: reduction and convolution")),
])
def test_googlenet_has_22_layers_with_weights(table, evidence):
    """GoogLeNet has 22 weight layers: 3 convolutions, 9 modules of 2, and one FC layer."""
    layers = count_weight_layers(built(partial(GoogLeNet, table=table)))
    evidence.measured("weight layers", layers, expected=22, convention="longest path, without pooling and heads",
                      source="Szegedy et al., arXiv:1409.4842, section 5")

    assert layers == 3 + 9 * 2 + 1


@claim("googlenet-few-parameters")
@pytest.mark.parametrize("rival, times", [
    pytest.param(AlexNet, 8.7, id="AlexNet"),
    pytest.param(VGG, 19.8, id="VGG-16"),
    pytest.param(AlexNet, 12.0, id="AlexNet, the paper's factor",
                 marks=counterexample("the paper's section 1 says 12 times, which its own Table 1 does not give")),
])
def test_googlenet_has_many_times_fewer_weights(rival, times, evidence):
    """GoogLeNet has 6,990,272 weights: 8.7 times fewer than AlexNet and 19.8 times fewer than VGG-16."""
    net = built(GoogLeNet)
    googlenet = count_parameters(net, bias=False)
    parts = {"stem": net.stem, **net.inception, "classifier": net.classifier}
    ratio = count_parameters(built(rival), bias=False) / googlenet
    modules = sum(c * (n1 + r3 + r5 + p) + 9 * r3 * n3 + 25 * r5 * n5 for c, n1, r3, n3, r5, n5, p in TABLE_1.values())
    expected = 7 * 7 * 3 * 64 + 64 * 64 + 3 * 3 * 64 * 192 + modules + 1024 * 1000
    evidence.measured("GoogLeNet", googlenet, expected=expected, unit="weights", convention=WEIGHTS)
    evidence.measured("weights of the rival, in GoogLeNets", ratio, expected=times, convention=WEIGHTS)
    evidence.figure("bars", "Where GoogLeNet's weights are", labels=list(parts), unit="weights",
                    values=[count_parameters(part, bias=False) for part in parts.values()])

    assert (googlenet, round(ratio, 1)) == (expected, times)


@claim("googlenet-twelve-times-fewer")
@pytest.mark.parametrize("googlenet, times", [
    pytest.param(lambda: count_parameters(built(GoogLeNet), bias=False), 8.7, id="counted on the paper's layers"),
    pytest.param(lambda: 1000 * sum(PARAMETERS), 9.0, id="the paper's column of parameters, summed"),
    pytest.param(lambda: 5_000_000, 12.2, id="5 million",       # Inception V3 paper, section 1
                 marks=counterexample("that many would be 12 times fewer: the paper's own table has more")),
])
def test_the_factor_of_12_is_not_in_the_papers_own_table(googlenet, times, evidence):
    """By its paper's own table GoogLeNet has 8.7 to 9 times fewer weights than AlexNet, not 12 times."""
    factor = count_parameters(built(AlexNet), bias=False) / googlenet()
    evidence.measured("weights of AlexNet, in GoogLeNets", factor, expected=times, convention=WEIGHTS,
                      source="Szegedy et al., arXiv:1409.4842, section 1: 12 times")

    assert 8.6 < factor < 9.1


@claim("googlenet-no-fc")
@pytest.mark.parametrize("build", [
    pytest.param(GoogLeNet, id="GoogLeNet"),
    pytest.param(network_in_network, id="Network in Network",
                 marks=counterexample("with a map for each class and global pooling there is no FC layer")),
    pytest.param(VGG, id="VGG-16", marks=counterexample("it has two hidden FC layers besides")),
])
def test_googlenet_keeps_one_fully_connected_layer(build, evidence):
    """GoogLeNet has one FC layer, its classifier: 1,024,000 weights, 14.6 % of all. It has no hidden one."""
    net = built(build)
    shapes = [(layer.in_features, layer.out_features) for layer in net.modules() if isinstance(layer, nn.Linear)]
    share = 100 * sum(a * b for a, b in shapes) / count_parameters(net, bias=False)
    evidence.measured("FC layers, inputs x outputs", [f"{a} x {b}" for a, b in shapes], expected=["1024 x 1000"])
    evidence.measured("share of the FC layers", share, expected=14.6, unit="% of the weights", convention=WEIGHTS)

    assert (shapes, round(share, 1)) == ([(1024, 1000)], 14.6)


@claim("googlenet-no-fc")
@pytest.mark.parametrize("build", [
    pytest.param(partial(AuxiliaryHead, 512, 1000), id="head after 4a"),
    pytest.param(partial(AuxiliaryHead, 528, 1000), id="head after 4d"),
    pytest.param(lambda: GoogLeNet().classifier, id="main classifier",
                 marks=counterexample("averaging 7 x 7 maps leaves the main classifier one FC layer")),
])
def test_each_auxiliary_head_has_two_fully_connected_layers(build, evidence):
    """Each auxiliary head, used in training only, has two FC layers: 2048 to 1024 and 1024 to 1000."""
    linear = [layer for layer in built(build).modules() if isinstance(layer, nn.Linear)]
    shapes = [(layer.in_features, layer.out_features) for layer in linear]
    evidence.measured("FC layers, inputs x outputs", [f"{a} x {b}" for a, b in shapes])
    evidence.measured("weights in them", sum(a * b for a, b in shapes), expected=2048 * 1024 + 1024 * 1000)

    assert shapes == [(4 * 4 * 128, 1024), (1024, 1000)]
