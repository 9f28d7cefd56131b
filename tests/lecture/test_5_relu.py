"""L5: does ReLU train faster? Each activation with its own start, and a rate found best on tuning seeds."""

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import curves
from lab.models.small.chain import ConvChain
from lab.training.steps_to_loss import steps_to_loss


def four_layers(name, activation, lr):
    """Three convolutions and a linear layer, trained to a loss of 0.7.

    lr: on tuning seeds, rates from 0.005 to 0.2 were tried; ReLU and tanh are fastest, and about equally so, from 0.02
    to 0.05, the sigmoid at 0.05.
    """
    return Arm(name, steps_to_loss, model=ConvChain, activation=activation, level=0.7, steps=120, lr=lr)


RELU, TANH = four_layers("ReLU", nn.ReLU, 0.03), four_layers("tanh", nn.Tanh, 0.03)
SIGMOID = four_layers("sigmoid", nn.Sigmoid, 0.05)


@claim("relu-trains-faster")
@pytest.mark.parametrize("other", [
    pytest.param(SIGMOID, id="sigmoid"),
    pytest.param(TANH, id="tanh",
                 marks=counterexample("with its own start and rate, tanh needs hardly more steps, if any")),
])
def test_relu_needs_fewer_steps_to_the_same_loss(other, laboratory, evidence, relu=RELU):
    """To the same training loss, a 4-layer net with sigmoids needs at least 1.4 times the steps of one with ReLU."""
    slower = laboratory.compare({other: +1, relu: -1}, metric="doublings", margin=0.5, cap=24)      # 2^0.5 = 1.4
    evidence.experiment(slower)
    evidence.measured("steps that ReLU saves", 2**slower.mean, unit="times fewer", expected="6 for tanh on CIFAR-10",
                      convention="a run that needs more than 120 steps counts as 120",
                      source="Krizhevsky et al. 2012, figure 1")
    evidence.figure("lines", "Training loss", x=list(range(10, 121, 10)), xlabel="step", ylabel="cross-entropy",
                    **curves(laboratory, [relu, other], slower.seeds, "loss curve"))

    assert slower.verdict == "confirmed"
