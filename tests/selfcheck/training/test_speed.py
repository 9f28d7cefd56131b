"""Is a net's arrival at a loss the first step at which the mean of ten losses lies below it?"""
import math

import pytest

from lab.models.small.shuffled import FullyConnected
from lab.training.sgd import train_classifier
from lab.training.steps_to_loss import arrival, steps_to_loss


@pytest.mark.parametrize("losses, level, steps, arrived", [
    pytest.param([2.0] * 10 + [1.0] * 15, 1.55, 15, 1.0, id="five of ten low"),
    pytest.param([2.0] * 10 + [1.0] * 15, 1.5, 16, 1.0, id="not at the level itself"),
    pytest.param([1.0] * 25, 1.5, 10, 1.0, id="from the beginning"),
    pytest.param([1.0] * 10 + [3.0] * 15, 1.5, 10, 1.0, id="once is enough"),
    pytest.param([2.0] * 16 + [1.0] * 9, 1.09, 25, 0.0, id="the last one too late"),
    pytest.param([2.0] * 15 + [1.0] * 10, 1.09, 25, 1.0, id="at the very end"),
])
def test_a_loss_arrives_when_ten_in_a_row_are_below_it_on_average(losses, level, steps, arrived):
    found = arrival(losses, level)

    assert (found["steps"], found["arrived"], found["diverged"]) == (steps, arrived, 0.0)
    assert found["doublings"] == math.log2(steps)
    assert found["loss curve"] == pytest.approx([sum(losses[:10]) / 10, sum(losses[10:20]) / 10])


def test_a_run_that_diverges_has_not_arrived():
    """Though it was below the level before."""
    found = arrival([1.0] * 15 + [math.nan] * 5, 1.5)

    assert (found["steps"], found["arrived"], found["diverged"]) == (20, 0.0, 1.0)
    assert found["loss curve"] == [math.log(10)] * 2


def test_the_losses_are_those_of_training(tmp_path):
    """Of each seed alone."""
    recipe = dict(data_dir=tmp_path, model=FullyConnected, steps=20, lr=0.1, batch=32, momentum=0.9)
    found = [trial["loss curve"] for trial in steps_to_loss([3, 5], level=0.1, **recipe)]
    ours = [trial["loss curve"] for trial in train_classifier([3, 5], tested=0, **recipe)]

    assert [mean for curve in found for mean in curve] == pytest.approx(
        [sum(curve[start:start + 10]) / 10 for curve in ours for start in (0, 10)])
