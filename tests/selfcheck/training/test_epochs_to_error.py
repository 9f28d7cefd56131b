"""When is the training error down: on runs with known errors, and in a short training."""
import math

import pytest
import torch
from torch import nn

from lab.training.epochs_to_error import arrival, epochs_to_error


@pytest.mark.parametrize("errors, epochs, arrived", [
    pytest.param([65.0, 35.0, 15.0], 2.5, 1.0, id="in the third epoch's middle"),
    pytest.param([10.0], 1 - 15 / 80, 1.0, id="in the first, from chance"),
    pytest.param([65.0, 25.0], 7.0, 0.0, id="just not below"),
    pytest.param([65.0, math.nan], 7.0, 0.0, id="diverged"),
])
def test_the_level_is_reached_between_two_epochs(errors, epochs, arrived):
    metrics = arrival(errors, 25.0, 7)

    assert metrics["epochs"] == pytest.approx(epochs) and metrics["doublings"] == pytest.approx(math.log2(epochs))
    assert metrics["arrived"] == arrived and metrics["diverged"] == float(math.isnan(errors[-1]))
    assert len(metrics["error curve"]) == 7 and all(map(math.isfinite, metrics["error curve"]))


@pytest.fixture
def trained(tmp_path):
    """`trained(**recipe)`: metrics of one seed on 130 embedded digits, three batches an epoch."""
    return lambda **recipe: epochs_to_error(
        [5], data_dir=tmp_path, data="digits", images=130, batch=50, model=Wide, **recipe)[0]


class Wide(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10))


def test_training_ends_when_the_level_is_reached(trained, monkeypatch):
    steps = []
    monkeypatch.setattr(torch.optim.SGD, "step", lambda *_, step=torch.optim.SGD.step: (steps.append(1), step(*_)))
    metrics = trained(level=25.0, epochs=20, lr=0.05)

    assert metrics["arrived"] and 1 < metrics["epochs"] < 12
    assert len(steps) == 3 * math.ceil(metrics["epochs"])
    assert metrics["error curve"][-1] < 25 < metrics["error curve"][0]


def test_a_net_that_does_not_learn_needs_all_epochs(trained):
    metrics = trained(level=25.0, epochs=2, lr=0.0)

    assert (metrics["epochs"], metrics["arrived"]) == (2.0, 0.0)
    assert metrics["error curve"][0] == pytest.approx(metrics["error curve"][1], abs=5)
