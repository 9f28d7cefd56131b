"""Do the rounds outlast the warm-up, and what becomes of one that says nothing of the step?"""
import gc
import itertools
import sys
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lab.benchmarking import timing
from lab.benchmarking.memory import fitting
from lab.benchmarking.timing import Timing, measure, warm_up
from lab.device import monitor
from selfcheck.busy import busy

CPU, GPU = torch.device("cpu"), torch.device("cuda", 1)


class Scripted:
    """A step that takes the given milliseconds call by call, the last one for ever."""

    def __init__(self, *script):
        self.script, self.calls = itertools.chain(script, itertools.repeat(script[-1])), 0

    def __call__(self):
        self.calls += 1
        busy(next(self.script))()


@pytest.mark.parametrize("slow_calls", [1, 4, 7])
def test_what_the_first_calls_cost_is_left_out(slow_calls):
    script = [30 * 0.6**i for i in range(slow_calls)]      # getting faster: allocations, compilation, clocks
    result = measure(Scripted(*script, 1), CPU, rounds=5)

    assert result.median == pytest.approx(0.001, rel=0.3)
    assert 0.7 < result.drift < 1.4


def test_a_warm_up_that_never_settles_ends():
    step = Scripted(*[2 * 0.9**i for i in range(100)])
    warm_up(step, CPU)

    assert step.calls <= 30


def test_a_time_too_short_for_the_clock_is_taken_over_many_calls():
    assert warm_up(busy(0.01), CPU) > 50
    assert warm_up(busy(5), CPU) == 1


def test_drift_tells_a_warm_up_that_was_too_short():
    assert Timing([0.9, 0.8, 0.4, 0.4]).drift == pytest.approx(0.85 / 0.4)


@given(st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=9))
def test_quartiles_enclose_the_median(values):
    lower, upper = Timing(values).quartiles

    assert lower <= Timing(values).median <= upper


def test_one_slow_round_does_not_move_the_median():
    assert Timing([1.0, 1.1, 1.2, 50.0, 1.1]).median == 1.1


@pytest.fixture
def scripted(monkeypatch):
    """`scripted(times, retries)`: rounds take these seconds, and the allocator retries so often in each."""
    def script(device, times, retries=()):
        counter, rounds = [0], iter(itertools.zip_longest(times, retries, fillvalue=0))

        def one_round(step, device, calls):
            taken, retried = next(rounds)
            counter[0] += retried
            return taken

        monkeypatch.setattr(timing, "warm_up", lambda step, device: 1)
        monkeypatch.setattr(timing, "seconds_of_calls", one_round)
        monkeypatch.setattr(torch.cuda, "memory_stats", lambda device: {"num_alloc_retries": counter[0]})
        return rounds

    return script


def test_a_round_far_slower_than_the_others_is_repeated_and_told(scripted):
    left = scripted(CPU, [4, 1, 1.4, 1, 9, 1.1, 8])
    result = measure(None, CPU, rounds=5)

    assert result.seconds == [1.1, 1, 1.4, 1, 8]      # of two tries both slow, the second counts
    assert result.conditions == {"slow rounds, repeated": 2}
    assert next(left, None) is None


def test_a_round_in_which_the_allocator_retried_does_not_count(scripted):
    scripted(GPU, [1, 7, 1.1, 1.2], retries=[0, 3])
    result = measure(None, GPU, rounds=3)

    assert result.seconds == [1, 1.1, 1.2]
    assert result.conditions["rounds left out, the allocator retried"] == 1


def test_a_batch_that_fits_only_by_retrying_is_halved(scripted):
    scripted(GPU, [7] * 3 + [1] * 3, retries=[1] * 3)

    assert fitting(64, lambda batch: measure(None, GPU, rounds=3).seconds) == ([1, 1, 1], 32)


@pytest.mark.parametrize("device, calls", [(CPU, 2), (GPU, 50)], ids=["the CPU", "a GPU"])
def test_a_round_lasts_long_enough_for_its_device(device, calls, monkeypatch):
    """Calls take 1 ms."""
    ran = []
    monkeypatch.setattr(timing, "seconds", lambda step, device: ran.clear() or step() or 1e-3 * len(ran))

    assert warm_up(lambda: ran.append(1), device) == pytest.approx(calls, abs=1)


def test_python_looks_for_no_garbage_in_a_round():
    seen = []
    measure(lambda: seen.append(gc.isenabled()), CPU, rounds=2)

    assert gc.isenabled() and not any(seen[-2:])


def test_rounds_go_on_until_the_energy_counter_of_a_gpu_tells_watts(scripted, monkeypatch):
    """Rounds of 0.3 s: three are asked for, and the fourth makes it a second."""
    scripted(GPU, [0.3] * 9)
    reading = monitor.Sample(clock=1980, held_down=0, celsius=50, watts=300.0, reserved=0)
    sensors = SimpleNamespace(read=lambda: reading, joules=lambda: 7.0)
    monkeypatch.setattr(monitor, "Sensors", lambda device, nvml: sensors)

    assert measure(None, GPU, rounds=3).seconds == [0.3] * 4


def test_the_sensors_of_a_gpu_are_read_in_the_rounds(scripted, monkeypatch):
    scripted(GPU, [1, 1, 1])
    monkeypatch.setitem(sys.modules, "pynvml", None)        # as if it were not installed

    assert measure(None, GPU, rounds=3).conditions == {"sensors": "not sampled: pip install nvidia-ml-py"}
