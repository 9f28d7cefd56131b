"""L6: why a net as deep as VGG was hard to train before BatchNorm, seen before the first step."""

from functools import partial

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.device import one_thread
from lab.models.vgg import CONFIGURATIONS, convolutions

DESIGNS = {  # name: how the weights are drawn, with BatchNorm or without
    "variance 0.01": (partial(nn.init.normal_, std=0.1), False),
    "deviation 0.01": (partial(nn.init.normal_, std=0.01), False),
    "variance 0.01, BN": (partial(nn.init.normal_, std=0.1), True),
    "variance 2 / fan-in": (partial(nn.init.kaiming_normal_, nonlinearity="relu"), False),
}


@torch.no_grad()
def signal_variances(initialize, batch_norm: bool) -> list[float]:
    """Variance of the maps after each of VGG-16's 13 convolutions and their ReLU, for two images of noise."""
    torch.manual_seed(16)
    images, variances = torch.randn(2, 3, 32, 32), []
    for layer in convolutions(CONFIGURATIONS["D"], batch_norm=batch_norm):
        if isinstance(layer, nn.Conv2d):
            initialize(layer.weight)
            nn.init.zeros_(layer.bias)
        images = layer(images)
        if isinstance(layer, nn.ReLU):
            variances.append(images.var().item())
    return variances


@pytest.fixture(scope="module")
def signals():
    """{design: [variance after each layer]}."""
    with one_thread():
        return {name: signal_variances(*design) for name, design in DESIGNS.items()}


@pytest.mark.exact
@claim("vgg-hard-without-batchnorm")
@pytest.mark.parametrize("design", [
    pytest.param("variance 0.01", id="variance 0.01, as the paper says"),
    pytest.param("deviation 0.01", id="deviation 0.01, as often copied"),
    pytest.param("variance 0.01, BN", id="with BN",
                 marks=counterexample("BatchNorm brings every layer's signal back to one scale")),
    pytest.param("variance 2 / fan-in", id="He's initialization",
                 marks=counterexample("a variance that follows the fan-in, found in 2015, keeps the scale without BN")),
])
def test_the_signal_leaves_all_scale(design, signals, evidence):
    """Without BatchNorm, weights of one fixed spread blow the signal up, or kill it, over VGG-16's 13 convolutions."""
    last = signals[design][-1]
    evidence.measured("variance after the last convolution", last, expected="below 1e-9 or above 1e9",
                      source="Simonyan and Zisserman 2015, section 3.1: normal, variance 1e-2")
    evidence.figure("lines", "VGG-16 before training: variance of the signal", x=list(range(1, 14)), series=signals,
                    xlabel="convolution", ylabel="variance of the maps", logy=True)

    assert not 1e-9 < last < 1e9
