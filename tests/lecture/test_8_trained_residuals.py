"""L8: inside plain and residual nets while they train: what a branch answers, and how large the gradient is."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import curves, loss_curves
from lab.models.small.ladder import DepthLadder
from lab.training.signal_propagation import WithoutNorm, watch_depth


def watched(name, model, depth, steps=60, **architecture):
    """Digits averaged to 7 x 7 pixels, stages of 8, 16 and 32 maps."""
    return Arm(name, watch_depth, model=model, depth=depth, width=8, shrink=4, steps=steps, lr=0.03, **architecture)


PLAIN_32 = watched("plain, 32 layers", DepthLadder, 32, residual=False)
RESIDUAL_32 = watched("residual, 32 layers", DepthLadder, 32, residual=True)
PLAIN_8 = watched("plain, 8 layers", DepthLadder, 8, residual=False)
# 10 steps show it: without BatchNorm the deep nets' gradient stays where it starts.
BARE_32 = watched("no BatchNorm, 32 layers", WithoutNorm, 32, steps=10, residual=False)
BARE_8 = watched("no BatchNorm, 8 layers", WithoutNorm, 8, steps=10, residual=False)
HE_32 = watched("no BatchNorm, He's start, 32 layers", WithoutNorm, 32, steps=10, residual=False, he=True)
HE_8 = watched("no BatchNorm, He's start, 8 layers", WithoutNorm, 8, steps=10, residual=False, he=True)


@claim("residual-learns-small-changes")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(RESIDUAL_32, id="residual"),
    pytest.param(PLAIN_8, id="plain", marks=counterexample("plain layers have to make their whole output anew")),
])
def test_training_shrinks_what_a_residual_branch_answers(net, laboratory, evidence, plain=PLAIN_32):
    """In training, a residual net's responses shrink against its plain twin's: by over 0.005 of their deviation."""
    less = laboratory.compare({plain: +1, net: -1}, metric="change of the response", margin=0.005, cap=24)
    evidence.experiment(less)
    evidence.figure("lines", "Deviation of the layers' responses after training", xlabel="layer",
                    ylabel="standard deviation", x=list(range(2, plain.recipe["depth"])),
                    **curves(laboratory, [plain, RESIDUAL_32], less.seeds, "responses"))

    assert less.verdict == "confirmed"


@claim("plain-fails-by-vanishing")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(PLAIN_32, id="plain"),
    pytest.param(RESIDUAL_32, id="residual", marks=counterexample("with shortcuts 32 layers train nearly like 8")),
])
def test_a_plain_deep_net_with_batchnorm_gets_stuck(net, laboratory, evidence, shallow=PLAIN_8):
    """With BatchNorm in all its layers, a plain net of 32 layers is far behind one of 8 in training loss."""
    behind = laboratory.compare({net: +1, shallow: -1}, metric="training loss", margin=0.7, cap=24)
    evidence.experiment(behind)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [net, shallow], behind.seeds))

    assert behind.verdict == "confirmed"


@claim("plain-fails-by-vanishing")
@pytest.mark.trained
@pytest.mark.parametrize("deep, shallow", [
    pytest.param(PLAIN_32, PLAIN_8, id="with BatchNorm"),
    pytest.param(BARE_32, BARE_8, id="without BatchNorm",
                 marks=counterexample("as PyTorch starts it, without BatchNorm it falls by eleven orders")),
    pytest.param(HE_32, HE_8, id="without BatchNorm, He's start",
                 marks=counterexample("with He's start it still falls by two orders, in nets this narrow")),
])
def test_its_gradient_does_not_vanish_while_it_is_stuck(deep, shallow, laboratory, evidence):
    """All the while its first layer gets a gradient: through 24 more layers it does not fall to a thirtieth."""
    ratio = laboratory.compare({deep: +1, shallow: -1}, metric="log10 gradient", margin=-1.5, cap=24)
    evidence.experiment(ratio)
    drawn = curves(laboratory, [deep, shallow], ratio.seeds, "gradient curve")
    evidence.figure("lines", "Gradient of the first layer", x=list(range(1, 1 + len(drawn["series"][deep.name]))),
                    xlabel="step", ylabel="norm of the gradient", logy=True, **drawn)

    assert ratio.verdict == "confirmed"
