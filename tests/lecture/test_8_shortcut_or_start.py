"""L8: must the shortcut be the identity, and is what residual nets gain the shortcut or the start?

Trained with `--scale course`: 56 layers, 50 batches of 48 digits averaged to 7 x 7, stages of 8, 16 and 32 maps; each
seed of each arm at its own best rate, as in test_8_depth_ladder. Margins from seeds from 1000.
He et al. 2016, Identity mappings in deep residual networks, section 3.1: a shortcut of 0.5 fails at 110 layers.
"""
import math

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.small.ladder import STARTS, DepthLadder, Pair
from lab.training.sgd import train_classifier

PAIRS = 27              # of 56 layers
GAIN = 0.5              # nats of training loss; chance has ln 10 = 2.3
COST = "40 to 100 nets of 56 layers, each at four learning rates, up to ten minutes on a CPU core"
NETS = {
    "plain": dict(residual=False),
    "residual": dict(residual=True),
    "residual, shortcut x 0.9": dict(residual=True, scale=0.9),
    "residual, shortcut x 0.5": dict(residual=True, scale=0.5),
    "plain, started near the identity": dict(residual=False, start="near identity"),
}


def deep(name):
    """The arm of one of NETS."""
    return Arm(f"{name}, 56 layers", train_classifier, model=DepthLadder, depth=56, width=8, shrink=4, steps=50,
               batch=48, lr=(0.003, 0.01, 0.03, 0.1), momentum=0.9, tested=0, **NETS[name])


def show_losses(evidence, comparison):
    """The comparison, and the mean of each of its arms."""
    evidence.experiment(comparison)
    evidence.figure("bars", "Training loss, mean over the seeds", **bars_of_means(comparison), unit="nats")


@claim("shortcut-must-be-identity")
@pytest.mark.exact
@pytest.mark.parametrize("scale", [
    pytest.param(0.5, id="x 0.5"),
    pytest.param(0.9, id="x 0.9"),
    pytest.param(1.0, id="identity", marks=counterexample("the identity hands on all of it, however deep")),
])
def test_a_scaled_shortcut_fades_with_depth(scale, evidence):
    """Through the 27 pairs of 56 layers, shortcuts scaled by 0.9 or 0.5 alone hand on less than a tenth of a signal."""
    pairs, maps = [Pair(5, 5, 1, residual=True, scale=scale) for _ in range(PAIRS)], torch.rand(2, 5, 7, 7)
    STARTS["zero"](pairs)
    left = (nn.Sequential(*pairs)(maps).norm() / maps.norm()).item()
    evidence.measured("share of the signal that is left", left, expected=scale**PAIRS)
    evidence.figure("lines", "What shortcuts alone hand on", x=list(range(PAIRS + 1)), xlabel="pairs of layers",
                    ylabel="share of the signal", logy=True,
                    series={f"x {one:g}": [one**pair for pair in range(PAIRS + 1)] for one in (1.0, 0.9, 0.5)})

    assert math.isclose(left, scale**PAIRS, rel_tol=1e-4) and left < 0.1


@claim("shortcut-must-be-identity")
@pytest.mark.trained
@pytest.mark.parametrize("net, margin", [
    pytest.param("residual, shortcut x 0.5", 0.8, id="x 0.5"),
    pytest.param("residual, shortcut x 0.9", 0.1, id="x 0.9"),
    pytest.param("residual, shortcut x 0.9", 0.8, id="x 0.9, by as much as x 0.5",
                 marks=counterexample("a shortcut that keeps nine tenths still trains")),
])
def test_a_scaled_shortcut_harms_training(net, margin, laboratory, evidence):
    """With shortcuts scaled by 0.5 a net of 56 layers has over 0.8 nats more training loss, with 0.9 over 0.1 more."""
    need_course_scale(laboratory, COST)
    harm = laboratory.compare({deep(net): 1, deep("residual"): -1}, "training loss", margin, cap=24)
    show_losses(evidence, harm)

    assert harm.verdict == "confirmed"


@claim("gain-is-the-shortcut")
@pytest.mark.exact
@pytest.mark.parametrize("residual", [
    pytest.param(False, id="plain"),
    pytest.param(True, id="residual", marks=counterexample("the shortcut hands the gradient on past the zeros")),
])
def test_started_at_scale_zero_a_plain_net_is_dead(residual, evidence):
    """If the last BatchNorm of every pair starts at scale 0, a plain net puts out zeros and gets no gradient."""
    net = DepthLadder(20, residual, width=5, start="zero")
    net(torch.randn(7, 1, 12, 12)).square().sum().backward()
    gradient = torch.stack([parameter.grad.norm() for parameter in [*net.stem.parameters(), *net.pairs.parameters()]])
    evidence.measured("gradient of all convolutions and BatchNorms", gradient.norm(), expected=0.0)

    assert gradient.norm() == 0


@claim("gain-is-the-shortcut")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param("plain, started near the identity", id="start near the identity"),
    pytest.param("residual, shortcut x 0.5", id="shortcut x 0.5",
                 marks=counterexample("halved at every pair, a shortcut gains nothing like it")),
])
def test_a_start_near_the_identity_gains_without_shortcuts(net, laboratory, evidence):
    """A plain net of 56 layers that start near the identity ends over 0.5 nats below the same net started at random."""
    need_course_scale(laboratory, COST)
    gain = laboratory.compare({deep("plain"): 1, deep(net): -1}, "training loss", GAIN, cap=24)
    show_losses(evidence, gain)

    assert gain.verdict == "confirmed"


@claim("gain-is-the-shortcut")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param("plain, started near the identity", id="start near the identity"),
    pytest.param("plain", id="random start", marks=counterexample("from a random start it hardly trains")),
])
def test_so_started_it_stays_near_the_residual_net(net, laboratory, evidence):
    """So started, the plain net's training loss is less than 0.5 nats above the residual net's."""
    need_course_scale(laboratory, COST)
    near = laboratory.compare({deep("residual"): 1, deep(net): -1}, "training loss", -GAIN, cap=24)
    show_losses(evidence, near)

    assert near.verdict == "confirmed"
