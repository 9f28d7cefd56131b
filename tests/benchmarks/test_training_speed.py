"""Seconds a seed: the course notebook's own loop and ours, in turns in one run, on both nets of exercise 1.

Both train by the notebook's recipe (rate 0.01, momentum 0.5, batches of 64) from the same weights on the same batches,
for a share of its epoch of 938 batches, and test on as large a share of its 10,000 test images; ours tells the accuracy
on as many training images too. Counted is everything from a seed to its accuracies, but not reading the data set:
seconds of the CPU clock. The notebook's loop uses one process. Ours is told for one worker, and for a worker on every
core, as trials have. The target is for one worker, so it is the same on any number of cores; where it was set the nets
reached 23.4 and 3.1, and two cores twice that. On MNIST, or else on the embedded digits.

These nets train on the CPU, whatever the device. `--benchmark-json=FILE` keeps every number.
"""
import pytest
import torch

from lab.benchmarking.roofline import measured_peak
from lab.benchmarking.training_speed import pace, times
from lab.execution.processes import Processes, available_cores
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected

APART = 1       # points of test accuracy, at most, between a seed trained one way and the other


@pytest.fixture(scope="module")
def pool():
    """A worker for each core."""
    pool = Processes(available_cores())
    yield pool
    pool.close()


@pytest.mark.benchmark
@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("model, steps, tested, target", [
    pytest.param(FullyConnected, 94, 1000, 20, id="fully connected, a tenth of an epoch"),
    pytest.param(ConvolutionalNet, 47, 500, 2.5, id="convolutional, a twentieth of an epoch"),
])
def test_a_seed_trains_many_times_faster_than_in_the_notebook(
        model, steps, tested, target, pool, data_dir, keep_rounds):
    """A seed reaches the notebook's accuracy, in a small part of the notebook's time."""
    result = pace(pool, data_dir, model, steps, tested)
    ours = [taken for _, taken in result.one_core]
    keep_rounds(ours, **result.row(measured_peak(torch.device("cpu")).flops))

    assert result.apart <= APART
    assert times(result.one_core) >= target
