"""E7: the exercise's net for CIFAR-10 against LeNet-5: the image that it takes, its parameters, its activation."""

from functools import partial

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.counting.meta_device import output_shape
from lab.models.lenet import C3_TABLE, LeNet, ScaledTanh, TableConv2d, lenet_5, lenet_1989

PAPER = "LeCun et al. 1998, section II.B and Appendix A"


@claim("lenet-input-size")
@pytest.mark.parametrize("side, border", [
    pytest.param(32, 0, id="32 x 32, as in the paper"),
    pytest.param(28, 2, id="MNIST with a border of 2"),
    pytest.param(28, 0, id="MNIST as it is", marks=counterexample("28 px leave 4 x 4 of the last maps, not 5 x 5")),
])
@pytest.mark.parametrize("net", [LeNet, lenet_5], ids=["modern copy", "LeNet-5 of 1998"])
def test_lenet_takes_32_px_so_mnist_gets_a_border(net, side, border, evidence):
    """LeNet-5 takes images of 32 x 32 too: MNIST's 28 x 28 digits get a border of 2 pixels."""
    shape = output_shape(nn.Sequential(nn.ZeroPad2d(border), net()), torch.empty(1, 1, side, side))
    evidence.measured("output for one image, none if it does not fit", shape, expected=[1, 10], source=PAPER)

    assert shape == (1, 10)


@claim("lenet-input-size")
@pytest.mark.parametrize("side", [
    pytest.param(16, id="zip-code digits, 16 x 16"),
    pytest.param(28, id="MNIST, 28 x 28", marks=counterexample("28 px leave 7 x 7 of the last maps, not 4 x 4")),
    pytest.param(32, id="LeNet-5's, 32 x 32", marks=counterexample("32 px leave 8 x 8 of the last maps, not 4 x 4")),
])
def test_the_net_of_1989_reads_16_px(side, evidence):
    """The net of 1989 takes digits of 16 x 16 pixels: neither MNIST's 28 x 28 nor the 32 x 32 of LeNet-5 fit."""
    shape = output_shape(lenet_1989(), torch.empty(1, 1, side, side))
    evidence.measured("output for one image, none if it does not fit", shape, expected=[1, 10],
                      source="LeCun et al. 1989; karpathy/lecun1989-repro")

    assert shape == (1, 10)


@claim("lenet-input-size")
@pytest.mark.parametrize("build, expected, source", [
    pytest.param(partial(LeNet, in_channels=3), 61_706 + 2 * 5 * 5 * 6, "", id="exercise's net"),
    pytest.param(LeNet, 6 * (25 * 1 + 1) + 16 * (25 * 6 + 1) + 120 * 401 + 84 * 121 + 10 * 85, "", id="modern copy"),
    pytest.param(lenet_5, 60_000, PAPER, id="LeNet-5 of 1998"),
    pytest.param(lenet_1989, 9_760, "LeCun et al. 1989; karpathy/lecun1989-repro", id="net of 1989"),
    pytest.param(partial(LeNet, in_channels=3), 61_706, "", id="exercise's net as the modern copy",
                 marks=counterexample("its images have three channels: 300 more weights in the first layer")),
    pytest.param(LeNet, 60_000, PAPER, id="modern copy as LeNet-5",
                 marks=counterexample("full C3, plain pooling and a linear output make it another net")),
])
def test_the_nets_differ_in_channels_and_parameters(build, expected, source, evidence):
    """The exercise's net has 62,006 parameters, the modern copy of LeNet-5 61,706, LeNet-5 itself 60,000."""
    counted = count_parameters(build())
    evidence.measured("parameters", counted, expected, convention="with biases", source=source)

    assert counted == expected


@claim("lenet-input-size")
@pytest.mark.parametrize("table", [
    pytest.param(C3_TABLE, id="Table I"),
    pytest.param([list(range(6))] * 16, id="each map sees all six",
                 marks=counterexample("the modern copy connects all: 2,416 parameters")),
])
def test_lenet_5s_third_layer_is_sparsely_connected(table, evidence):
    """In LeNet-5's layer C3, 6 maps see three maps, 9 see four, one sees all six: 1,516 parameters instead of 2,416."""
    counted = count_parameters(TableConv2d(table, kernel_size=5))
    crosses = [[float(m in seen) for seen in table] for m in range(6)]
    evidence.measured("parameters of C3", counted, expected=1_516, convention="with biases", source=PAPER)
    evidence.figure("matrix", "What the maps of C3 see", values=crosses, xlabel="map of C3", ylabel="map of S2")

    assert counted == 25 * (6 * 3 + 9 * 4 + 1 * 6) + 16


@claim("lenet-sigmoid-relu")
@pytest.mark.exact
@pytest.mark.parametrize("activation", [
    pytest.param(ScaledTanh(), id="1.7159 tanh(2a/3)"),
    pytest.param(nn.Sigmoid(), id="logistic sigmoid", marks=counterexample("it is not odd: its values lie in (0, 1)")),
    pytest.param(nn.Tanh(), id="plain tanh", marks=counterexample("tanh(1) = 0.76; the scaled one maps 1 to 1")),
    pytest.param(nn.ReLU(), id="ReLU", marks=counterexample("it is neither odd nor bounded")),
])
def test_lenet_5s_activation_is_a_scaled_tanh(activation, evidence):
    """LeNet-5's squashing function is odd, maps 1 to 1 and tends to 1.7159: a scaled tanh, no logistic sigmoid."""
    a, paper = torch.linspace(-5, 5, 101), lambda a: 1.7159 * torch.tanh(2 * a / 3)
    asymmetry = (activation(a) + activation(-a)).abs().max().item()
    at_1, at_infinity = activation(torch.tensor([1.0, 1e6])).tolist()
    evidence.measured("largest f(a) + f(-a)", asymmetry, expected=0.0, source=PAPER)
    evidence.measured("f(1), f(infinity)", [at_1, at_infinity], expected=[1.0, 1.7159], source=PAPER)
    evidence.figure("lines", "Activations", x=a, series={"this one": activation(a), "LeNet-5": paper(a)},
                    xlabel="a", ylabel="f(a)")

    assert [asymmetry, at_1, at_infinity] == pytest.approx([0, 1, 1.7159], abs=1e-4)


@claim("lenet-sigmoid-relu")
@pytest.mark.exact
@pytest.mark.parametrize("build, kinds", [
    pytest.param(lenet_5, {ScaledTanh}, id="LeNet-5: scaled tanh"),
    pytest.param(partial(LeNet, in_channels=3), {nn.ReLU}, id="exercise's net: ReLU"),
    pytest.param(lenet_5, {nn.Sigmoid}, id="LeNet-5: sigmoid",
                 marks=counterexample("the logistic sigmoid is a later textbook's simplification")),
])
def test_the_nets_use_these_activations(build, kinds, evidence):
    """LeNet-5 uses the scaled tanh throughout, the exercise's net ReLU; neither uses the logistic sigmoid."""
    found = {type(layer) for layer in build().modules()} & {ScaledTanh, nn.ReLU, nn.Sigmoid, nn.Tanh}
    evidence.measured("activations", sorted(kind.__name__ for kind in found), sorted(kind.__name__ for kind in kinds))

    assert found == kinds
