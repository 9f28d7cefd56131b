"""Which rows run: never over the budget, the most wanted first, the same each time; and what is told of the others."""
import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._pytree import tree_leaves

from benchmarks import test_throughput as rates
from lab.benchmarking import budget
from lab.benchmarking.budget import Plan, chosen
from lab.benchmarking.roofline import Peak
from lab.benchmarking.rows import Row
from lab.benchmarking.workloads import NETWORKS
from lab.counting.meta_device import run_on_meta
from selfcheck.cost_samples import measured

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
T4, H100 = 4e12, 4e13       # FLOP/s of a float32 product, about
times = st.lists(st.integers(0, 50), max_size=12)


@given(times, st.integers(0, 200))
def test_the_rows_chosen_fit_and_none_is_left_out_that_would(seconds, minutes):
    rows = list(range(len(seconds)))
    kept = chosen(rows, seconds, minutes)

    assert sum(seconds[row] for row in kept) <= minutes
    assert kept == sorted(kept)
    for row in set(rows) - set(kept):
        assert seconds[row] + sum(seconds[one] for one in kept if one < row) > minutes


def plan(flops, monkeypatch, rows=rates.WANTED, minutes=20, others=0):
    """A Plan for a CUDA device of this peak, which has all modes."""
    monkeypatch.setattr(budget, "measured_peak", lambda device: Peak(flops, 1e12))
    monkeypatch.setattr(budget, "has", lambda device, row: True)
    return Plan(list(rows), CUDA, minutes, others)


@pytest.mark.parametrize("flops", [T4, H100])
def test_twenty_minutes_hold_each_network_forward_and_training(flops, monkeypatch):
    wanted = {(name, training) for name in NETWORKS for training in (False, True)}
    made = plan(flops, monkeypatch)

    assert wanted <= {(row.network, row.training) for row in made.chosen if row.mode == "float32" and row.batch > 1}
    assert sum(made.seconds[row] for row in made.chosen) <= 20 * 60


def test_two_runs_choose_alike_though_their_measured_peaks_differ_a_little(monkeypatch):
    assert plan(1.02 * T4, monkeypatch).chosen == plan(0.98 * 1.02 * T4, monkeypatch).chosen


def test_comparisons_take_their_minutes_first(monkeypatch):
    assert plan(H100, monkeypatch, others=20 * 60).chosen == []


def test_a_mode_that_the_device_lacks_takes_no_minutes_from_others(monkeypatch):
    monkeypatch.setattr(budget, "measured_peak", lambda device: Peak(1e11, 1e10))
    made = Plan([Row("LeNet", 1, "CUDA graph"), Row("LeNet", 1)], CPU, 20, others=0)

    assert list(made.seconds.values())[0] == 0
    assert len(made.chosen) == 2        # it says itself that it needs a CUDA device


def test_the_estimate_is_told_in_one_line_with_how_it_was_made(monkeypatch):
    monkeypatch.setattr(Row, "seconds", lambda row, device, peak: 4 if row.network == "ResNet-18" else 40)
    told = plan(2**42, monkeypatch, rows=[Row("ResNet-18", 64), Row("VGG-16", 512)], minutes=0.1, others=1.5).words()

    assert told == ("costs: 1 of 2 rows in about 0.1 minutes, comparisons in 0.0 (--budget 0.1; all need 1), estimated "
                    "from FLOPs at 25% of the measured peak of 4.4e+12 FLOP/s")


def test_more_flops_take_longer_and_calls_take_time_too():
    small, large = (Row("VGG-16", batch).seconds(CUDA, T4) for batch in (64, 128))

    assert small < large
    assert Row("LeNet", 1).seconds(CUDA, 1e30) > 0


def test_modes_take_their_own_time():
    plain, half, compiled = (Row("VGG-16", 64, mode).seconds(CUDA, T4)
                             for mode in ("float32", "fp16 autocast", "torch.compile"))

    assert half < plain
    assert compiled == pytest.approx(plain + 60)


def test_no_map_of_a_row_has_more_numbers_than_kernels_count_to():
    largest = dict.fromkeys(NETWORKS, 0)
    for name, network in NETWORKS.items():
        def note(layer, inputs, output, name=name):
            largest[name] = max(largest[name], *(leaf.numel() for leaf in tree_leaves((inputs, output))
                                                        if torch.is_tensor(leaf)))

        model = network.weightless()
        for layer in model.modules():
            layer.register_forward_hook(note)
        run_on_meta(model, network.image(1))

    assert largest["U-Net"] >= 64 * 570**2
    assert max(row.batch * largest[row.network] for row in rates.WANTED) <= 2**31


ROWS = """
import pytest
from lab.benchmarking.rows import Row
from selfcheck.cost_samples import measured

@pytest.mark.benchmark
@pytest.mark.parametrize("row", [Row("LeNet", 1), Row("LeNet", 8)], ids=["one", "eight"])
def test_row(row, costs):
    costs(measured("LeNet", row.batch), [0.25, 0.5, 0.25])
"""


@pytest.mark.parametrize("options, passed, told", [
    (["--budget=20"], 2, "costs: 2 of 2 rows in about * minutes, *--budget 20; all need 1)*measured peak*"),
    (["--budget=0"], 0, "SKIPPED [[]2[]]*does not fit into --budget 0 beside rows that are more wanted: give more *"),
    (["--budget=0", "-k", "nothing"], 0, "*2 deselected*"),
])
def test_a_run_chooses_by_its_budget_and_says_so(options, passed, told, lecture, small_peak):
    project = lecture(claims=ROWS)
    result = project.runpytest("-m", "benchmark", "-rs", *options)

    assert result.parseoutcomes().get("passed", 0) == passed
    result.stdout.fnmatch_lines([told])


def test_rows_that_come_after_the_budget_are_not_run(lecture, small_peak, monkeypatch):
    monkeypatch.setattr("lab.benchmarking.plugin.time.monotonic", iter(range(0, 10**6, 700)).__next__)
    result = lecture(claims=ROWS).runpytest("-m", "benchmark", "-rs")

    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*the minutes of --budget 20 were over before this row: give more, or choose it by*"])


@pytest.mark.parametrize("minutes", ["-1", "nan", "inf", "soon"])
def test_a_budget_that_is_no_number_of_minutes_is_refused(minutes, lecture):
    result = lecture().runpytest(f"--budget={minutes}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*argument --budget: invalid number of minutes value: '{minutes}'"])


def test_pytest_benchmark_gets_the_rounds_that_were_measured(lecture, small_peak, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)    # pytest-benchmark keeps silent in a worker process
    project = lecture(claims=ROWS)
    project.runpytest("-m", "benchmark", "--benchmark-json=saved.json", "-k", "eight").assert_outcomes(passed=1)
    [saved] = json.loads((project.path / "saved.json").read_text())["benchmarks"]

    assert saved["stats"]["data"] == [0.25, 0.5, 0.25]
    assert saved["extra_info"] == measured("LeNet", 8)
