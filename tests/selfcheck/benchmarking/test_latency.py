"""Percentiles of single calls, and how many calls there are."""
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lab.benchmarking import latency
from lab.benchmarking.latency import FEWEST, SINGLE_CALLS, percentiles, single_calls

CPU = torch.device("cpu")


@given(st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=300))
def test_percentiles_are_numpys(taken):
    assert list(percentiles(taken).values()) == pytest.approx(np.percentile(taken, [50, 90, 99]))


def test_two_of_the_calls_are_above_the_99th_percentile():
    assert sum(one > percentiles(range(SINGLE_CALLS))[99] for one in range(SINGLE_CALLS)) == 2


@pytest.mark.parametrize("each, calls", [(0.01, SINGLE_CALLS), (0.1, 100), (5.0, FEWEST)])
def test_slow_calls_are_fewer(each, calls, monkeypatch):
    monkeypatch.setattr(latency, "seconds", lambda step, device: each)
    monkeypatch.setattr(latency, "warm_up", lambda step, device: 1)

    assert len(single_calls(None, CPU)) == pytest.approx(calls, abs=1)
