"""E6: does residual learning raise accuracy? In deep nets a lot, in shallow ones not so that it could be seen."""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.models.small.ladder import DepthLadder
from lab.training.signal_propagation import watch_depth


def pair(depth):
    """(plain, residual) nets of so many layers: digits averaged to 7 x 7 pixels, 8 to 32 maps, 60 steps."""
    return [Arm(f"{name}, {depth} layers", watch_depth, model=DepthLadder, depth=depth, residual=residual, width=8,
                shrink=4, steps=60, lr=0.03) for name, residual in [("plain", False), ("residual", True)]]


DEEP, SHALLOW = pair(32), pair(8)


def show_accuracies(evidence, comparison):
    """The comparison, and the means of its arms."""
    evidence.experiment(comparison)
    evidence.figure("bars", "Accuracy on unseen digits, mean over the seeds", **bars_of_means(comparison), unit="%")


@claim("residual-raises-accuracy")
@pytest.mark.parametrize("nets", [
    pytest.param(DEEP, id="32 layers"),
    pytest.param(SHALLOW, id="8 layers", marks=counterexample("8 layers need no shortcuts: no such gain")),
])
def test_residual_learning_raises_the_accuracy_of_deep_nets(nets, laboratory, evidence):
    """With shortcuts a net of 32 layers is more accurate than its plain twin by over 15 points, trained alike."""
    plain, residual = nets
    gain = laboratory.compare({residual: +1, plain: -1}, metric="test accuracy", margin=15.0, cap=24)
    show_accuracies(evidence, gain)

    assert gain.verdict == "confirmed"


@claim("residual-raises-accuracy")
@pytest.mark.parametrize("nets", [
    pytest.param(SHALLOW, id="8 layers"),
    pytest.param(DEEP, id="32 layers", marks=counterexample("at this depth the plain net hardly trains")),
])
def test_shallow_nets_are_about_as_accurate_without(nets, laboratory, evidence):
    """Between shallow twins of 8 layers, plain and residual, the accuracy differs by less than 10 points."""
    plain, residual = nets
    difference = laboratory.compare({residual: +1, plain: -1}, metric="test accuracy", margin=10.0, rule="equivalence",
                                    cap=32)
    show_accuracies(evidence, difference)

    assert difference.verdict == "confirmed"
