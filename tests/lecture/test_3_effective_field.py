"""L3: which part of its window does a unit listen to? (Luo et al. 2016)

The gradient of a central unit after six 3x3 layers, in their window of 13 x 13 px. The central quarter is the square of
half the window's side; an evenly spread gradient has 25 % of itself there.
"""
import numpy as np
import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import receptive_field
from lab.counting.effective_field import central_share, gradient_field
from lab.experiments import Arm
from lab.models.small.chain import ConvChain
from lab.training.effective_field import effective_field

SIX = {"model": ConvChain, "widths": (8,) * 6, "strides": (1,) * 6, "kernels": (3,) * 6}
TRAINED = Arm("six 3x3 layers, trained", effective_field, steps=80, **SIX)
UNTRAINED = Arm("six 3x3 layers, before training", effective_field, steps=0, **SIX)
ONE_LAYER = Arm("one 13x13 layer", effective_field, model=ConvChain, widths=(8,), strides=(1,), kernels=(13,), steps=0)


@claim("effective-field-is-smaller")
@pytest.mark.exact
@pytest.mark.parametrize("kernels", [
    pytest.param([3] * 5, id="five 3x3"),
    pytest.param([3] * 10, id="ten 3x3"),
    pytest.param([3] * 20, id="twenty 3x3"),
    pytest.param([41], id="one 41x41", marks=counterexample("a single layer listens to its whole window alike")),
])
def test_equal_weights_gather_in_the_middle(kernels, evidence):
    """Through 3x3 layers of equal weights, over half of the gradient goes to the window's central quarter."""
    side = receptive_field(kernels)
    stack = nn.Sequential(*[nn.Conv2d(1, 1, kernel, bias=False).double() for kernel in kernels])
    for layer in stack:
        nn.init.constant_(layer.weight, 1 / layer.weight.numel())
    found = gradient_field(stack, torch.ones(1, 1, side, side, dtype=torch.float64))
    paths = np.ones(1)
    for kernel in kernels:
        paths = np.convolve(paths, np.full(kernel, 1 / kernel))        # how many ways lead to each row, or column
    evidence.measured("side of the window", side, unit="px")
    evidence.measured("share of the central quarter", 100 * central_share(found), unit="%",
                      expected=100 * central_share(torch.from_numpy(np.outer(paths, paths))))
    evidence.figure("matrix", "Gradient at each pixel of the window", values=found, xlabel="px", ylabel="px")

    assert np.allclose(found, np.outer(paths, paths)) and central_share(found) > 0.5


@claim("effective-field-is-smaller")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(TRAINED, id="trained"),
    pytest.param(UNTRAINED, id="before training"),
    pytest.param(Arm("one 13x13 layer, again", effective_field, **ONE_LAYER.recipe), id="one 13x13 layer",
                 marks=counterexample("a single layer as wide listens to its whole window alike")),
])
def test_six_layers_listen_to_the_middle(net, laboratory, evidence, even=ONE_LAYER):
    """Of the gradient after six 3x3 layers, the central quarter gets over 25 points more than after one 13x13 layer."""
    more = laboratory.compare({net: +1, even: -1}, metric="central share", margin=25.0, cap=24)
    [trial] = laboratory.trials(net, more.seeds[:1])
    evidence.experiment(more)
    evidence.figure("matrix", "Squared gradient at each pixel of the window, first seed", values=trial["field"],
                    xlabel="px", ylabel="px")

    assert more.verdict == "confirmed"
