"""L8: plain nets train worse the deeper they are; their residual twins don't.

Digits averaged to 7 x 7, width 8, 50 batches of 48 at momentum 0.9, chosen on seeds from 1000, where the rates of the
long grid that the quick one leaves out took less than 0.02 nats off the loss of 56 plain layers. Each seed of each arm
has its own best rate of one grid.
He et al. 2016, section 4.2, show the same with 32 x 32 images, width 16 and 64,000 batches.
"""
import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.ladder import DepthLadder
from lab.training.sgd import train_classifier

RATES = {"quick": (0.01, 0.03), "course": (0.003, 0.01, 0.03, 0.1, 0.3)}
HARM = 0.8              # nats of training loss; chance has ln 10 = 2.3
DEPTHS = (8, 56)
TWINS = ("plain", "residual")


@pytest.fixture
def ladder(scale):
    """`ladder("plain", 20)`: the arm of that twin and depth."""
    return lambda twin, depth: Arm(
        f"{twin}, {depth} layers", train_classifier, model=DepthLadder, depth=depth, residual=twin == "residual",
        width=8, shrink=4, steps=50, batch=48, lr=RATES[scale], momentum=0.9, tested=300)    # E6 asks for the accuracy


def show_ladder(evidence, laboratory, ladder, comparison):
    """The comparison, and the training loss of all four nets, mean over the first three seeds."""
    arms = [ladder(twin, depth) for twin in TWINS for depth in DEPTHS]
    evidence.experiment(comparison)
    evidence.figure("lines", "Training loss at the best rate, mean over three seeds",
                    **loss_curves(laboratory, arms, comparison.seeds[:3]))


@claim("residual-trains-very-deep")
@pytest.mark.parametrize("twin", [
    pytest.param("plain", id="plain"),
    pytest.param("residual", id="residual", marks=counterexample("with shortcuts, depth costs little or nothing")),
])
def test_depth_harms_the_training_of_plain_nets(twin, ladder, laboratory, evidence):
    """A plain net of 56 layers has a higher training loss than one of 8, each at its best learning rate."""
    harm = laboratory.compare({ladder(twin, 56): 1, ladder(twin, 8): -1}, "training loss", HARM)
    show_ladder(evidence, laboratory, ladder, harm)

    assert harm.verdict == "confirmed"


@claim("residual-trains-very-deep")
@pytest.mark.parametrize("twin", [
    pytest.param("residual", id="residual"),
    pytest.param("plain", id="plain in the residual's place", marks=counterexample("at 56 layers it is stuck")),
])
def test_56_residual_layers_train_nearly_as_well_as_8(twin, ladder, laboratory, evidence):
    """With residual learning, the training loss of a net of 56 layers stays within 0.8 nats of one of 8."""
    gain = laboratory.compare({ladder("residual", 8): 1, ladder(twin, 56): -1}, "training loss", -HARM)
    show_ladder(evidence, laboratory, ladder, gain)

    assert gain.verdict == "confirmed"
