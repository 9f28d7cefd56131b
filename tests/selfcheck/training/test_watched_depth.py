"""What is noted while a net trains: the gradient is torch's own, and an exploded one is no vanished one."""
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from lab.data.datasets import load
from lab.models.small.ladder import DepthLadder
from lab.training.randomness import batches, subset
from lab.training.signal_propagation import LARGEST, watch_depth

NET = dict(depth=8, residual=True, width=3, shrink=4)


@pytest.fixture
def watched(tmp_path):
    """`watched(lr)`: the metrics of one seed, on the embedded digits."""
    return lambda lr: watch_depth([5], data_dir=tmp_path, model=DepthLadder, steps=6, lr=lr, tested=0, **NET)[0]


def test_the_first_steps_gradient_is_torchs_own(watched):
    """Of the loss at the first convolution's weights, on the seed's first batch, whatever the learning rate."""
    digits = load("digits", ".")
    pixels = digits.train_images.double() / 255
    pick = next(iter(batches(5, subset(5, len(pixels)), 32, 6)))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        net = DepthLadder(**NET).double()
    images = (pixels[pick] - pixels.mean()) / pixels.std(correction=0)
    cross_entropy(net(images), digits.train_labels[pick]).backward()
    expected = next(net.parameters()).grad.norm().item()

    assert [watched(lr)["gradient curve"][0] for lr in (0.01, 0.1)] == pytest.approx([expected, expected], rel=1e-4)


def test_an_exploded_gradient_counts_as_the_largest(watched):
    trial = watched(1e30)

    assert trial["diverged"] == 1 and trial["gradient curve"][-1] == LARGEST
    assert trial["log10 gradient"] > 6 and math.isfinite(trial["change of the response"])


def test_responses_change_by_training_alone(watched):
    """BatchNorm starts each layer at a deviation of 1, on whatever images."""
    still, trained = watched(0.0), watched(0.1)

    assert still["change of the response"] == 0 and len(still["responses"]) == 6
    assert still["responses"] == pytest.approx([1] * 6, abs=0.01)
    assert trained["change of the response"] == pytest.approx(
        sum(trained["responses"]) / 6 - sum(still["responses"]) / 6, abs=1e-6)
    assert abs(trained["change of the response"]) > 1e-4
