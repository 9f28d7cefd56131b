"""E2: shuffle once, or anew in every epoch? Over 20 epochs, another order each time or the first one again."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied


def in_order(order):
    """The same 640 images, drawn by seed, for 20 epochs of 40 batches. Rate from tuning seeds."""
    return Arm(order, train_varied, model=Wide, hidden=50, images=640, batch=16, steps=800, lr=0.15, tested=1000,
               order=order)


ANEW, ONCE, SORTED = in_order("shuffled"), in_order("shuffled once"), in_order("sorted by class")


@claim("shuffle-anew-every-epoch")
@pytest.mark.parametrize("order", [
    pytest.param(ONCE, id="shuffled once"),
    pytest.param(SORTED, id="sorted by class",
                 marks=counterexample("an order by class costs far more, however often it is repeated")),
])
def test_shuffling_once_is_nearly_enough(order, laboratory, evidence, anew=ANEW):
    """Over 20 epochs, shuffling once costs at most 3 points of test accuracy against shuffling anew in every epoch."""
    change = laboratory.compare({order: +1, anew: -1}, metric="test accuracy", margin=-3.0, cap=48)
    evidence.experiment(change)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [anew, order], change.seeds))

    assert change.verdict == "confirmed"
