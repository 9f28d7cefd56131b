"""L8 at course scale: the depth ladder at 110 layers, and at 56 on larger images with six times the steps.

As in test_8_depth_ladder.py each seed of each arm has its own best rate. He et al. 2016 could not train 110 plain
layers at all: their error on CIFAR-10 stayed above 60 % (figure 6).
"""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.small.ladder import DepthLadder
from lab.training.sgd import train_classifier

HARM = 0.8      # nats of training loss; chance has ln 10 = 2.3
SIZES = {  # rates and steps from seed 1000
    "110 layers": dict(depth=110, shrink=4, steps=100, lr=(0.01, 0.03)),
    "56 layers, 14 x 14 px": dict(depth=56, shrink=2, steps=300, lr=(0.01, 0.03)),
}


def net(twin, size, depth=None):
    """The arm of a twin at that size, or at another depth."""
    recipe = SIZES[size] | ({"depth": depth} if depth else {})
    return Arm(f"{twin}, {recipe['depth']} layers", train_classifier, model=DepthLadder, residual=twin == "residual",
               width=8, batch=48, momentum=0.9, tested=0, data="mnist", **recipe)


def draw(evidence, comparison):
    evidence.experiment(comparison)
    evidence.figure("bars", "Training loss at the best rate, mean over seeds", **bars_of_means(comparison), unit="nats")


@claim("residual-trains-very-deep")
@pytest.mark.trained
@pytest.mark.parametrize("twin", [
    pytest.param("plain", id="plain"),
    pytest.param("residual", id="residual", marks=counterexample("with shortcuts, depth costs little or nothing")),
])
@pytest.mark.parametrize("size", SIZES)
def test_more_depth_harms_plain_nets(size, twin, laboratory, evidence):
    """110 plain layers, and 56 on 14 x 14 px in 300 steps, are far behind 8: by over 0.8 nats of training loss."""
    need_course_scale(laboratory, "5 to 32 pairs of nets, each at two rates, 5 minutes on a CPU core")
    harm = laboratory.compare({net(twin, size): 1, net(twin, size, 8): -1}, "training loss", HARM)
    draw(evidence, harm)

    assert harm.verdict == "confirmed"


@claim("residual-trains-very-deep")
@pytest.mark.trained
@pytest.mark.parametrize("twin", [
    pytest.param("residual", id="residual"),
    pytest.param("plain", id="plain in the residual's place", marks=counterexample("it is stuck")),
])
@pytest.mark.parametrize("size", SIZES)
def test_many_residual_layers_train_nearly_as_well_as_8(size, twin, laboratory, evidence):
    """With residual learning, 110 layers, or 56 on 14 x 14 px, stay within 0.8 nats of the training loss of 8."""
    need_course_scale(laboratory, "5 to 32 pairs of nets, each at two rates, 5 minutes on a CPU core")
    gain = laboratory.compare({net("residual", size, 8): 1, net(twin, size): -1}, "training loss", -HARM)
    draw(evidence, gain)

    assert gain.verdict == "confirmed"
