"""Curves of training: a mean over unequal parts is drawn at the steps that it is of."""
from types import SimpleNamespace

import pytest

from lab.experiments.arms import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.hidden_layers import Wide
from lab.training.sgd import train_classifier


@pytest.mark.parametrize("steps, first, last", [
    pytest.param(60, [1.5, 3.5, 5.5], [58, 59, 60], id="20 parts of two steps, then 20 of one"),
    pytest.param(7, [1, 2, 3], [5, 6, 7], id="fewer steps than parts"),
    pytest.param(200, [3, 8, 13], [188, 193, 198], id="parts of five"),
])
def test_each_point_stands_in_the_middle_of_its_steps(steps, first, last, tmp_path):
    arm = Arm("a net", train_classifier, model=Wide, steps=steps, lr=0.1, batch=3, tested=0)
    laboratory = SimpleNamespace(trials=lambda arm, seeds: train_classifier(seeds, data_dir=tmp_path, **arm.recipe))
    drawn = loss_curves(laboratory, [arm], [5])

    assert (drawn["x"][:3], drawn["x"][-3:]) == (first, last)
    assert len(drawn["series"]["a net"]) == len(drawn["x"])
