"""Do the rounds outlast the warm-up, and say so where they do not?"""
import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lab.benchmarking.timing import Timing, measure, warm_up
from selfcheck.busy import busy

CPU = torch.device("cpu")


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
