"""E6: does residual learning raise accuracy? In deep nets a lot, in shallow ones hardly.

Digits averaged to 7 x 7 pixels, 8 to 32 maps. Of several rates each seed of each arm has its own best. The trials of
the default scale are those of lecture 8. On seeds from 1000 the shallow twins differed by 3.2 points on MNIST and by
1.3 on the embedded digits after 50 steps (standard deviation 3.1), by less after 100.
"""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.models.small.ladder import DepthLadder
from lab.training.sgd import train_classifier


def twins(depth, lr, steps=50, tested=300):
    """(plain, residual)"""
    return [Arm(f"{name}, {depth} layers", train_classifier, model=DepthLadder, depth=depth, lr=lr, width=8, shrink=4,
                residual=name == "residual", batch=48, momentum=0.9, steps=steps, tested=tested)
            for name in ("plain", "residual")]


DEEP = {"quick": twins(56, (0.01, 0.03)), "course": twins(56, (0.003, 0.01, 0.03, 0.1, 0.3))}
SHALLOW = {"quick": twins(8, (0.01, 0.03)), "course": twins(8, (0.01, 0.03, 0.1), steps=100, tested=1000)}
LITTLE = {"quick": 10.0, "course": 5.0}     # points


def show_accuracies(evidence, comparison):
    """The comparison, and the means of its arms."""
    evidence.experiment(comparison)
    evidence.figure("bars", "Accuracy on unseen digits, mean over the seeds", **bars_of_means(comparison), unit="%")


@claim("residual-raises-accuracy")
@pytest.mark.parametrize("nets", [
    pytest.param(DEEP, id="56 layers"),
    pytest.param(SHALLOW, id="8 layers", marks=counterexample("8 layers need no shortcuts: no such gain")),
])
def test_residual_learning_raises_the_accuracy_of_deep_nets(nets, scale, laboratory, evidence):
    """With shortcuts a net of 56 layers is over 30 points more accurate than its plain twin, each at its best rate."""
    plain, residual = nets[scale]
    gain = laboratory.compare({residual: +1, plain: -1}, metric="test accuracy", margin=30.0, cap=24)
    show_accuracies(evidence, gain)

    assert gain.verdict == "confirmed"


@claim("residual-raises-accuracy")
@pytest.mark.parametrize("nets", [
    pytest.param(SHALLOW, id="8 layers"),
    pytest.param(DEEP, id="56 layers", marks=counterexample("at this depth the plain net hardly trains")),
])
def test_shallow_nets_are_about_as_accurate_without(nets, scale, laboratory, evidence):
    """Twins of 8 layers differ in accuracy by less than 10 points after 50 steps, by less than 5 after 100."""
    plain, residual = nets[scale]
    difference = laboratory.compare({residual: +1, plain: -1}, metric="test accuracy", margin=LITTLE[scale],
                                    rule="equivalence", cap=48)
    show_accuracies(evidence, difference)

    assert difference.verdict == "confirmed"
