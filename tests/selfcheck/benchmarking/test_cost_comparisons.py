"""Are two costs told apart: in turns, by unit of work, by the margin, and with every round as evidence?"""
import itertools
import math
import statistics

import pytest
import torch

from lab.benchmarking.cost_comparison import CostComparison, Work, compare_costs, log_ratios
from lab.device import MODES, describe
from selfcheck.busy import busy

CPU = torch.device("cpu")


def work(name, milliseconds, amount=1):
    """Work that takes so long whatever the batch."""
    return Work(name, lambda batch, device: busy(milliseconds), amount, "call")


@pytest.mark.parametrize("times, margin, rule, verdict", [
    pytest.param((6, 3), 1.25, "gain", "confirmed", id="twice the cost"),
    pytest.param((3, 3), 1.25, "gain", "refuted", id="the same cost is no gain"),
    pytest.param((3, 3), 1.25, "equivalence", "confirmed", id="the same cost"),
    pytest.param((6, 3), 1.25, "equivalence", "refuted", id="twice the cost is not the same"),
])
def test_costs_are_told_apart_by_the_margin(times, margin, rule, verdict):
    first, second = (work(f"{ms} ms", ms) for ms in times)

    assert compare_costs(first, second, margin, CPU, rule=rule).verdict == verdict


def test_cost_is_time_over_amount():
    """Twice the time for four times the work is half the cost."""
    large, small = work("large", 6, amount=4), work("small", 3)

    assert compare_costs(large, small, 1.25, CPU).ratio == pytest.approx(0.5, rel=0.1)


def test_works_take_turns_in_alternating_order():
    order = []
    works = [Work(name, lambda _, device, name=name: lambda: (order.append(name), busy(2.5)()), 1, "call")
             for name in "ab"]
    compare_costs(*works, 1.25, CPU, cap=2)
    rounds = "".join(order[-12:])

    assert rounds == "ababab" + "bababa"


@pytest.mark.parametrize("ratios, rounds, verdict", [
    pytest.param([2.0, 2.01] * 10, 5, "confirmed", id="clear after the second round"),
    pytest.param([1.3, 4.0] * 10, 14, "confirmed", id="noisy"),
    pytest.param([1.0, 1.25**2] * 30, 60, "undecided", id="at the margin, until the cap"),
])
def test_rounds_end_when_they_decide_but_not_before_the_fifth(monkeypatch, ratios, rounds, verdict):
    costs = ((ratio, 1.0) for ratio in ratios)
    monkeypatch.setattr("lab.benchmarking.cost_comparison._costs", lambda works, times: costs)
    comparison = compare_costs(work("a", 0), work("b", 0), 1.25, CPU, alpha=0.05)

    assert (len(comparison.costs), comparison.verdict) == (rounds, verdict)


def test_too_few_rounds_are_undecided():
    works = work("a", 3), work("b", 3)

    assert compare_costs(*works, 1.25, CPU, cap=3).verdict == "undecided"


def test_a_work_against_itself_has_two_arms():
    arms = compare_costs(work("a", 3), work("a", 3), 1.25, CPU, cap=2).as_evidence()["arms"]

    assert list(arms) == ["a", "a again"]


@pytest.mark.parametrize("batches, room, fitted, told", [
    pytest.param((64, 64), 64, (64, 64), None, id="all fit"),
    pytest.param((52, 26), 13, (13, 6), 26, id="halved together"),
    pytest.param((1, 64), 20, (1, 16), 32, id="an image alone stays"),
])
def test_batches_that_do_not_fit_are_halved_and_the_evidence_says_so(batches, room, fitted, told):
    def build(batch, device):
        if batch > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return busy(batch / 10 + 2.5)

    works = (Work(f"{name}, batch {{batch}}", build, 1, "image", batch) for name, batch in zip("ab", batches))
    comparison = compare_costs(*works, 1.25, CPU, cap=2)
    evidence = comparison.as_evidence()

    assert comparison.batches == fitted
    assert list(evidence["arms"]) == [f"{name}, batch {batch}" for name, batch in zip("ab", fitted)]
    assert evidence["recipe"].get("out of memory at a batch of") == told


def test_a_burst_of_other_work_does_not_delay_the_verdict():
    """Three turns in a row are slow, of the three that a work has in a round, as when a neighbour takes the cache."""
    numbers = itertools.count()
    step = lambda: busy(60 if next(numbers) in {10, 11, 12} else 6)()
    comparison = compare_costs(Work("bursts", lambda _, device: step, 1, "call"), work("steady", 3), 1.25, CPU)

    assert (comparison.verdict, len(comparison.costs)) == ("confirmed", 5)
    assert comparison.ratio == pytest.approx(2, rel=0.1)
    assert comparison.as_evidence()["recipe"]["slow rounds, repeated"] >= 2


def test_half_the_batch_is_half_the_work():
    """Costs are by the image of the batch that fitted: 6 ms for 8 images against 3 ms for 4."""
    eight, four = (Work(f"{ms} ms", lambda batch, device, ms=ms: busy(ms), 1, "image", batch)
                   for ms, batch in [(6, 8), (3, 4)])

    assert compare_costs(eight, four, 1.25, CPU, cap=3).ratio == pytest.approx(1, rel=0.15)


def test_the_evidence_of_a_comparison_has_every_round():
    works = work("a", 6), work("b", 3)
    comparison = compare_costs(*works, 1.25, CPU)
    evidence = comparison.as_evidence()

    assert isinstance(comparison, CostComparison)
    assert evidence["arms"] == dict(zip("ab", zip(*comparison.costs)))
    assert evidence["differences"] == log_ratios(comparison.costs)
    assert evidence["mean"] == pytest.approx(statistics.mean(evidence["differences"]))
    assert evidence["margin"] == math.log(1.25)
    assert evidence["recipe"] == {**describe(CPU), "mode": "float32"}


def test_the_modes_of_both_works_stand_in_the_evidence():
    one, other = (Work(mode, lambda batch, device: busy(3), 1, "call", mode=MODES[mode])
                  for mode in ("TF32", "fp16 autocast"))

    assert compare_costs(one, other, 1.25, CPU, cap=2).as_evidence()["recipe"]["mode"] == "TF32; fp16 autocast"
