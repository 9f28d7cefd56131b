"""Is the clock straight: does it wait for the device, outlast the warm-up, and say when memory ran out?"""
import itertools
import math
import statistics
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lab import timing
from lab.device_memory import TooLarge, fitting, peak_bytes
from lab.roofline import Peak, measured_peak
from lab.rounds import CostComparison, Timing, Work, compare_costs, log_ratios, measure, warm_up
from lab.timing import MODES, NeedsDevice, describe, need_cuda, precision, seconds, steady

CPU = torch.device("cpu")


def busy(milliseconds):
    """Work, not sleep: the CPU's clock counts what this process does."""
    def step():
        until = time.process_time() + milliseconds / 1000
        while time.process_time() < until:
            pass
    return step


class Scripted:
    """A step that takes the given milliseconds call by call, the last one for ever."""

    def __init__(self, *script):
        self.script, self.calls = itertools.chain(script, itertools.repeat(script[-1])), 0

    def __call__(self):
        self.calls += 1
        busy(next(self.script))()


def test_a_time_is_what_the_work_took():
    assert seconds(busy(20), CPU) == pytest.approx(0.020, rel=0.1)


def test_the_clock_starts_on_an_idle_device_and_stops_after_its_work(monkeypatch):
    events = []
    monkeypatch.setattr(timing.torch.cpu, "synchronize", lambda: events.append("wait"))
    seconds(lambda: events.append("work"), CPU)

    assert events == ["wait", "work", "wait"]


def test_other_programs_time_does_not_count():
    """A neighbour that holds the core looks like sleep to this process."""
    assert seconds(lambda: time.sleep(0.2), CPU) < 0.05


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


def test_the_cpu_is_timed_on_one_thread_and_gets_its_threads_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with pytest.raises(ZeroDivisionError), steady(CPU):
        inside = torch.get_num_threads()
        raise ZeroDivisionError
    after = torch.get_num_threads()
    torch.set_num_threads(before)

    assert (inside, after) == (1, 2)


@pytest.mark.parametrize("times, margin, rule, verdict", [
    pytest.param((6, 3), 1.25, "gain", "confirmed", id="twice the cost"),
    pytest.param((3, 3), 1.25, "gain", "refuted", id="the same cost is no gain"),
    pytest.param((3, 3), 1.25, "equivalence", "confirmed", id="the same cost"),
    pytest.param((6, 3), 1.25, "equivalence", "refuted", id="twice the cost is not the same"),
])
def test_costs_are_told_apart_by_the_margin(times, margin, rule, verdict):
    first, second = (Work(f"{ms} ms", busy(ms), 1, "call") for ms in times)

    assert compare_costs(first, second, margin, CPU, rule=rule).verdict == verdict


def test_cost_is_time_over_amount():
    """Twice the time for four times the work is half the cost."""
    large, small = Work("large", busy(6), 4, "unit"), Work("small", busy(3), 1, "unit")

    assert compare_costs(large, small, 1.25, CPU).ratio == pytest.approx(0.5, rel=0.1)


def test_works_take_turns_in_alternating_order():
    order = []
    works = [Work(name, lambda name=name: (order.append(name), busy(2.5)()), 1, "call") for name in "ab"]
    compare_costs(*works, 1.25, CPU, cap=2)
    rounds = "".join(order[-12:])

    assert rounds == "ababab" + "bababa"


def test_too_few_rounds_are_undecided():
    works = Work("a", busy(3), 1, "call"), Work("b", busy(3), 1, "call")

    assert compare_costs(*works, 1.25, CPU, cap=3).verdict == "undecided"


def test_the_evidence_of_a_comparison_has_every_round():
    works = Work("a", busy(6), 1, "call"), Work("b", busy(3), 1, "call")
    comparison = compare_costs(*works, 1.25, CPU)
    evidence = comparison.as_evidence()

    assert isinstance(comparison, CostComparison)
    assert evidence["arms"] == dict(zip("ab", zip(*comparison.costs)))
    assert evidence["differences"] == log_ratios(comparison.costs)
    assert evidence["mean"] == pytest.approx(statistics.mean(evidence["differences"]))
    assert evidence["margin"] == math.log(1.25)
    assert evidence["recipe"] == describe(CPU)


def test_peak_memory_is_that_of_the_tensors_alive_at_once():
    x = torch.zeros(2**18)      # 1 MiB

    def chain():
        y = x + 1
        y = y + 1               # y's first tensor goes only when this one is there: x and two more
        return y.sum()

    assert peak_bytes(chain, CPU, x) == 3 * 2**20
    assert peak_bytes(lambda: x.add_(1), CPU, x) == 2**20
    assert peak_bytes(lambda: x.view(2, -1)[0], CPU, x) == 2**20


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError(),
                                   RuntimeError("MPS backend out of memory"), RuntimeError("can't allocate memory")])
def test_running_out_of_memory_halves_the_batch_and_says_so(error):
    asked = []

    def run(batch):
        asked.append(batch)
        if batch > 7:
            raise error
        return f"{batch} images"

    assert fitting(52, run) == ("6 images", 6)
    assert asked == [52, 26, 13, 6]


def test_a_real_refusal_of_memory_is_recognised():
    with pytest.raises(TooLarge, match="one image is too much for the device .*: close other"):
        fitting(2, lambda batch: torch.empty(2**50))


def test_other_errors_are_not_taken_for_lack_of_memory():
    with pytest.raises(RuntimeError, match="shapes"):
        fitting(8, lambda batch: torch.zeros(2, 3) @ torch.zeros(5, 7))


@pytest.mark.parametrize("name", MODES)
def test_a_mode_leaves_the_switches_as_they_were(name):
    def switches():
        return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark

    before = switches()
    with pytest.raises(ZeroDivisionError), precision(MODES[name], CPU):
        inside = switches()
        raise ZeroDivisionError

    assert inside == (MODES[name].tf32, MODES[name].tf32, True)
    assert switches() == before


@pytest.mark.parametrize("name, dtype", [("float32", torch.float32), ("bf16 autocast", torch.bfloat16)])
def test_a_mode_multiplies_in_its_own_numbers(name, dtype):
    with MODES[name].autocast(CPU):
        product = torch.ones(3, 5) @ torch.ones(5, 7)

    assert product.dtype == dtype


def test_without_cuda_a_measurement_says_what_it_needs():
    with pytest.raises(NeedsDevice, match="needs CUDA, and the device is cpu: run `pytest -m gpu` on"):
        need_cuda(CPU)


def test_the_peak_is_measured(monkeypatch):
    """A device that is twice as slow has half the peak: the number is not looked up."""
    measured_peak.cache_clear()
    monkeypatch.setattr("lab.roofline.PRODUCT_SIDES", {"cpu": (256,)})
    monkeypatch.setattr("lab.roofline.COPY_BYTES", {"cpu": 2**22})
    peak = measured_peak(CPU)
    measured_peak.cache_clear()
    monkeypatch.setattr("lab.roofline.measure", lambda *arguments: Timing([2 * s for s in measure(*arguments).seconds]))
    slower = measured_peak(CPU)
    measured_peak.cache_clear()

    assert slower.flops == pytest.approx(peak.flops / 2, rel=0.4)
    assert slower.bandwidth == pytest.approx(peak.bandwidth / 2, rel=0.4)


def test_the_roof_is_the_lower_of_memory_and_arithmetic():
    peak = Peak(flops=100e9, bandwidth=20e9)

    assert peak.ridge == 5
    assert [peak.roof(intensity) for intensity in (1, 5, 50)] == [20e9, 100e9, 100e9]
