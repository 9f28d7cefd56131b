"""Does the notebook's loop train what ours trains, and does the comparison of their pace count what it says?"""
import gc
import time

import pytest
import torch

from benchmarks import test_training_speed as speed
from lab.benchmarking.roofline import Peak
from lab.benchmarking.training_speed import Pace, clocked, pace, times, trial_flops
from lab.data.datasets import load
from lab.execution.processes import ThisProcess
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.notebook_loop import CONSTANTS, RECIPE, TWINS, Pictures, notebook_trial
from lab.training.randomness import initial_weights
from lab.training.sgd import train_classifier

NETS = [FullyConnected, ConvolutionalNet]


@pytest.mark.parametrize("model", NETS)
def test_the_twin_starts_with_the_same_weights(model):
    torch.manual_seed(5)
    twin = [p.detach() for p in TWINS[model]().parameters()]
    ours = [p.view(q.shape) for p, q in zip(initial_weights(model, [5]).parameters(), twin, strict=True)]
    assert all(map(torch.equal, twin, ours))


@pytest.mark.parametrize("model", NETS)
def test_the_notebook_and_ours_learn_the_same(model, tmp_path):
    """Far from chance, to a few images that lie between two digits."""
    recipe = dict(model=model, steps=30, tested=500, batch=64, lr=0.05, momentum=0.9)
    ours = train_classifier([3, 7], data_dir=tmp_path, **recipe)
    notebook = [notebook_trial(seed, images=load("digits", tmp_path), **recipe) for seed in (3, 7)]
    assert min(notebook) > 30
    assert [trial["test accuracy"] for trial in ours] == pytest.approx(notebook, abs=speed.APART)


def test_pictures_are_standardised_digits(tmp_path):
    digits = load("digits", tmp_path)
    pictures, labels = zip(*Pictures(digits.train_images, digits.train_labels, CONSTANTS["digits"]))
    pictures = torch.stack(pictures)
    assert labels == tuple(digits.train_labels.tolist()) and pictures.shape == digits.train_images.shape
    assert pictures.mean().abs() < 1e-5 and (pictures.std() - 1).abs() < 1e-5


def test_a_seed_of_a_net_takes_so_many_flops():
    """Of the first layer, nearly all of the net, no gradient of the pixels is computed."""
    first, others, images = 784 * 8, 8 * 8 + 8 * 10, 2 * RECIPE["batch"]

    trained, tested = images * (2 * first + 3 * others), 11 * (first + others)
    assert trial_flops(FullyConnected, steps=2, tested=11) == 2 * (trained + tested)


def test_python_looks_for_no_garbage_while_a_seed_is_timed():
    assert clocked(gc.isenabled)[1] is False and gc.isenabled()


def test_only_the_work_of_this_process_counts():
    slept, result = clocked(lambda: time.sleep(0.3) or 7)
    assert result == 7 and slept < 0.1


def test_a_pace_is_told_in_pairs():
    told = Pace([(6.0, 2.0), (12.0, 1.0)], [(6.0, 1.0)], [(50.0, 50.5), (70.0, 69.0)], flops=36)
    assert told.apart == 1.0
    assert told.row(peak=4.0) == {
        "seconds a seed, the notebook": 9.0, "seconds a seed, one core": 1.5, "seconds a seed, all cores": 1.0,
        "times as fast, one core": pytest.approx(6), "times as fast, all cores": pytest.approx(6),
        "share of the peak, the notebook": 1.0, "share of the peak, one core": 6.0, "accuracies": told.accuracies}


class AtOnce(ThisProcess):
    """Runs a job when it is submitted."""

    def submit(self, *job):
        future = super().submit(*job)
        self.wait(None, None)
        return future


@pytest.mark.parametrize("model", NETS)
def test_both_are_timed_on_the_same_seeds(model, tmp_path):
    """In this process, on one tiny trial a seed."""
    result = pace(AtOnce(), tmp_path, model, steps=2, tested=11)
    assert len(result.one_core) == len(result.all_cores) == len(result.accuracies) == 5
    assert min(map(min, [*result.one_core, *result.all_cores])) > 0
    assert result.apart <= 100 / 11


@pytest.mark.parametrize("found", [
    pytest.param(Pace([(5.0, 1.0)], [(9.0, 1.0)], [(50.0, 50.0)], 1), id="too slow on one core"),
    pytest.param(Pace([(9.0, 1.0)], [(9.0, 1.0)], [(50.0, 52.0)], 1), id="another accuracy"),
])
def test_slowness_and_other_accuracies_are_refused(found, monkeypatch):
    monkeypatch.setattr(speed, "measured_peak", lambda device: Peak(1e9, 1e9))
    monkeypatch.setattr(speed, "pace", lambda *how: found)
    kept, test = {}, speed.test_a_seed_trains_many_times_faster_than_in_the_notebook
    with pytest.raises(AssertionError):
        test(ConvolutionalNet, 1, 1, 6, None, None, lambda rounds, **facts: kept.update(facts, rounds=rounds))
    assert kept["times as fast, all cores"] == pytest.approx(9)
    assert kept["rounds"] == [1.0]


def test_slow_rounds_do_not_change_how_many_times_as_fast():
    assert times([(6.0, 2.0), (7.0, 8.0), (6.5, 9.0)]) == 3
