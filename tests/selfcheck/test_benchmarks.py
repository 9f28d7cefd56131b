"""The benchmarks' own code on the CPU, at tiny sizes: on a GPU only the device differs."""
import inspect
import itertools
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from benchmarks import test_cost as cost
from benchmarks import test_cost_of_size as cost_of_size
from benchmarks import test_throughput as rates

from lab import timing
from lab.evidence import Evidence
from lab.roofline import KINDS, Peak, measured_peak
from lab.rounds import compare_costs
from lab.timing import MODES, Sized
from lab.workloads import NETWORKS, multiply_adds, network_step, throughput

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[2]
COMPARISONS = [
    cost.test_fewer_flops_do_not_save_time_in_proportion,
    cost.test_grouped_convolutions_reach_a_smaller_share_of_the_peak,
    cost.test_two_wide_3x3_are_faster_than_one_5x5,
    cost.test_two_thin_3x3_do_not_save_their_share,
    cost_of_size.test_a_reduction_saves_time,
    cost_of_size.test_a_reduction_saves_less_time_than_weights,
    cost_of_size.test_bf16_and_channels_last_train_faster,
    cost_of_size.test_an_image_is_cheaper_in_a_batch,
    cost_of_size.test_cost_is_linear_in_the_area_of_large_images,
    cost_of_size.test_a_pixel_of_a_small_image_costs_more,
]


def cases(function):
    """Arguments of each case and counterexample of a test, sizes that it takes by default included."""
    signature = inspect.signature(function).parameters
    defaults = {name: p.default for name, p in signature.items() if p.default is not p.empty}
    parametrized = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    for row in itertools.product(*(mark.args[1] for mark in parametrized)):
        row = [one if hasattr(one, "marks") else pytest.param(one, id=str(one)) for one in row]
        arguments = dict(defaults)
        for mark, one in zip(parametrized, row):
            arguments.update(zip(mark.args[0].split(", "), one.values))
        yield pytest.param(function, arguments, id=f"{function.__name__}-{'-'.join(one.id for one in row)}")


def tiny(arguments):
    """The same with one image (two where BatchNorm trains) of 32 px; a network's own fixed side stays."""
    def shrunk(name, value):
        if name in ("batch", "batches") and isinstance(value, Sized):
            return Sized((1, 1), None) if isinstance(value.cpu, tuple) else Sized(1, None)
        if name == "side" and isinstance(value, Sized):
            return Sized(32, None)
        return {"batch": 2, "side": 32}[name] if (name, value) in {("batch", 64), ("side", 224)} else value

    return {name: shrunk(name, value) for name, value in arguments.items()}


@pytest.fixture(autouse=True)
def one_thread():
    with timing.steady(CPU):
        yield


@pytest.fixture
def small_peak(monkeypatch):
    """A peak measured in a moment."""
    monkeypatch.setattr("lab.roofline.PRODUCT_SIDES", {"cpu": (256,)})
    measured_peak.cache_clear()
    yield
    measured_peak.cache_clear()


@pytest.mark.parametrize("function, arguments", [
    case for function in COMPARISONS for case in cases(function) if case.values[1].get("name") != "VGG-16"])
def test_every_comparison_runs_on_the_cpu(function, arguments, small_peak, monkeypatch):
    """Two rounds decide nothing, so each ends undecided at its assert, with its evidence recorded."""
    monkeypatch.setattr(sys.modules[function.__module__], "compare_costs", partial(compare_costs, cap=2))
    properties = []
    with pytest.raises(AssertionError):
        function(**tiny(arguments), device=CPU, evidence=Evidence(properties))

    assert [value["verdict"] for name, value in properties if name == "experiment"] == ["undecided"]


def test_the_roofline_lies_over_peaks_of_this_run(small_peak):
    properties = []
    test = cost.test_memory_is_the_roof_of_a_depthwise_convolution
    test("depthwise 3x3 convolution", CPU, Evidence(properties), Sized(1, None))
    roofline = next(value for name, value in properties if name == "figure")

    assert roofline["kind"] == "roofline"
    assert Peak(roofline["peak_flops"], roofline["peak_bandwidth"]) == measured_peak(CPU)
    assert [point["label"] for point in roofline["points"]] == list(KINDS)


def test_the_table_of_rates_names_device_driver_and_clocks(small_peak):
    properties = []
    test, lenet = rates.test_networks_differ_in_the_rate_that_they_reach, Sized({"LeNet": 32}, None)
    with pytest.raises(AssertionError):     # one network doesn't differ from itself
        test(lenet, Sized(2, None), CPU, Evidence(properties))
    rows = {value["what"]: value["value"] for name, value in properties if name == "measured"}

    assert {"device", "driver", "clocks"} <= set(rows)
    assert "images/s" in rows["LeNet"]
    assert "% of peak" in rows["LeNet"]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_trains_a_step(name):
    side = {"ViT-B/16": 224, "Inception v3": 75, "U-Net": 188}.get(name, 32 if NETWORKS[name].side == 32 else 64)
    step, resident = network_step(name, 2, CPU, side, training=True)
    weights = [parameter for parameter in resident if parameter.requires_grad]
    before = [weight.detach().clone() for weight in weights]
    step()

    assert all(weight.grad is not None for weight in weights)
    assert any(not torch.equal(old, new) for old, new in zip(before, weights))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_runs(mode, monkeypatch):
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))      # the compiler takes a minute
    result = throughput("LeNet", 3, CPU, mode=MODES[mode], training=True, rounds=2)

    assert result.images_per_second > 0
    assert result.bytes > 4 * 62_006 * 2        # parameters and gradients of LeNet, float32
    assert result.multiply_adds == 3 * 3 * multiply_adds("LeNet")       # images x (forward and twice for backward)


def test_a_batch_that_does_not_fit_is_halved_in_the_row(monkeypatch):
    def scarce(name, batch, *others):
        if batch > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return network_step(name, batch, *others)

    monkeypatch.setattr("lab.workloads.network_step", scarce)
    result = throughput("LeNet", 16, CPU, rounds=2)

    assert (result.batch, result.row()["out_of_memory_at"]) == (4, 16)
    assert "batch 4 (out of memory at 16)" in result.words(Peak(1e12, 1e12))


def test_a_clock_that_does_not_wait_is_found_out(monkeypatch):
    """Nothing but the start of the work is timed, as on a GPU without a wait: the share of the peak gives it away."""
    monkeypatch.setattr("lab.rounds.seconds", lambda step, device: 1e-7)
    result = throughput("ResNet-18", 1, CPU, side=64, rounds=2)

    assert result.flops_per_second / 1e12 > rates.WINOGRAD


def test_without_cuda_every_gpu_test_is_not_run_and_says_why(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA: there is nothing to be absent")
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-rs", "-p", "no:cacheprovider", "--report-dir", tmp_path,
               "tests/benchmarks"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    counts = result.stdout.splitlines()[-1]

    assert result.returncode == 0, result.stdout + result.stderr
    assert "needs a CUDA device" in result.stdout
    assert "skipped" in counts
    assert not any(word in counts for word in ("passed", "failed", "xfailed", "error"))


BENCHMARK = """
import pytest

@pytest.mark.benchmark
def test_sum(benchmark):
    assert benchmark.pedantic(sum, args=([2, 3],), rounds=3) == 5
"""


@pytest.mark.parametrize("second_machine, warns", [("one GPU", False), ("another GPU", True)])
def test_runs_are_saved_and_compared_and_another_machine_is_told(lecture, monkeypatch, recwarn, second_machine, warns):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)    # pytest-benchmark keeps silent in a worker process
    project = lecture(claims=BENCHMARK)
    conftest = (ROOT / "tests/benchmarks/conftest.py").read_text(encoding="utf-8")
    (project.path / "tests/conftest.py").write_text(conftest, encoding="utf-8")
    monkeypatch.setattr(timing, "describe", lambda device: {"device": "one GPU", "clocks": "1000 MHz"})
    project.runpytest("-m", "benchmark", "--benchmark-autosave").assert_outcomes(passed=1)
    monkeypatch.setattr(timing, "describe", lambda device: {"device": second_machine, "clocks": "2000 MHz"})
    result = project.runpytest("-m", "benchmark", "--benchmark-compare")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_sum (NOW)*"])
    assert any("machine_info is different" in str(warning.message) for warning in recwarn) == warns
    assert len(list(project.path.glob(".benchmarks/*/0001_*.json"))) == 1
