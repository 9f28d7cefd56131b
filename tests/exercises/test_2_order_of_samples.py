"""E2: does training need shuffling? It depends on the order in which the samples lie."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied


def in_order(order, **changed):
    """The same 1,280 images, drawn by seed, for two epochs of 80 batches. Rate from tuning seeds."""
    recipe = {"hidden": 100, "images": 1280, "batch": 16, "steps": 160, "lr": 0.05, "tested": 1000, **changed}
    return Arm(order, train_varied, model=Wide, order=order, **recipe)


SHUFFLED, AS_IN_THE_FILE, SORTED = in_order("shuffled"), in_order("as in the file"), in_order("sorted by class")
LONG = {"quick": in_order("sorted by class", images=320, steps=400),     # 20 epochs of fewer images
        "course": in_order("sorted by class", data="mnist", steps=1600)}
UNTRAINED = Arm("untrained", train_varied, **{**SHUFFLED.recipe, "steps": 1, "lr": 0.0})


@claim("training-needs-shuffling")
@pytest.mark.parametrize("unshuffled", [
    pytest.param(AS_IN_THE_FILE, id="in the file's order"),
    pytest.param(SORTED, id="sorted by class", marks=counterexample("sorted data are not in mixed order")),
])
def test_mixed_data_need_no_shuffling(unshuffled, laboratory, evidence, shuffled=SHUFFLED):
    """Data that lie in mixed order train as well unshuffled: at most 3 points of test accuracy are lost."""
    change = laboratory.compare({unshuffled: +1, shuffled: -1}, metric="test accuracy", margin=-3.0, cap=32)
    evidence.experiment(change)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [shuffled, unshuffled], change.seeds))

    assert change.verdict == "confirmed"


@claim("training-needs-shuffling")
@pytest.mark.parametrize("order", [
    pytest.param(SORTED, id="sorted by class"),
    pytest.param(AS_IN_THE_FILE, id="in the file's order", marks=counterexample("the files' order is mixed already")),
    pytest.param(SHUFFLED, id="shuffled", marks=counterexample("shuffling is what sorted data need")),
])
def test_two_epochs_of_sorted_data_teach_next_to_nothing(order, laboratory, evidence, untrained=UNTRAINED):
    """From two epochs of data sorted by class, unshuffled, a net learns next to nothing: it gains 10 points at most."""
    left = laboratory.compare({untrained: +1, order: -1}, metric="test accuracy", margin=-10.0, cap=32)
    evidence.experiment(left)
    evidence.measured("test accuracy", [min(left.arms[order.name]), max(left.arms[order.name])], unit="%", expected=10,
                      convention="lowest and highest; chance is 10 %")
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [order], left.seeds))

    assert left.verdict == "confirmed"


@claim("training-needs-shuffling")
@pytest.mark.parametrize("trained", [
    pytest.param(LONG, id="20 epochs"),
    pytest.param(dict.fromkeys(LONG, SORTED), id="two epochs", marks=counterexample("two epochs are not enough")),
])
def test_twenty_epochs_of_sorted_data_teach_a_lot(trained, scale, laboratory, evidence, untrained=UNTRAINED):
    """From 20 epochs of data sorted by class, unshuffled, a net does learn: it gains more than 30 points."""
    learnt = laboratory.compare({trained[scale]: +1, untrained: -1}, metric="test accuracy", margin=30.0, cap=32)
    evidence.experiment(learnt)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [trained[scale]], learnt.seeds))

    assert learnt.verdict == "confirmed"
