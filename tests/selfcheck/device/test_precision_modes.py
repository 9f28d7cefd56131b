"""Does each measurement run in its own precision mode, and does the mode leave no switch changed?"""
from contextlib import suppress
from functools import partial

import pytest
import torch

from benchmarks import test_cost as cost
from benchmarks import test_flops as flops
from benchmarks import test_throughput as rates
from lab.benchmarking.cost_comparison import Work, compare_costs
from lab.benchmarking.machine import Machine
from lab.benchmarking.roofline import Peak, measured_peak
from lab.benchmarking.rows import Row
from lab.claims.evidence import Evidence
from lab.device import MODES, Sized, available, precision

CPU = torch.device("cpu")
HERE = [name for name, mode in MODES.items() if not mode.graph]     # those that a CPU has


def switches():
    """What PyTorch would let CUDA do: TF32 in products, in convolutions, and a search for the fastest algorithm."""
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark


def of(mode):
    tf32 = MODES[mode].tf32
    return (False, True, False) if tf32 is None else (tf32, tf32, True)     # None: as PyTorch ships


@pytest.mark.parametrize("name", HERE)
def test_a_mode_leaves_the_switches_as_they_were(name):
    before = switches()
    with pytest.raises(ZeroDivisionError), precision(MODES[name], CPU):
        inside = switches()
        raise ZeroDivisionError

    assert inside == of(name)
    assert switches() == before


@pytest.mark.parametrize("name, dtype", [
    ("float32", torch.float32), ("fp16 autocast", torch.float16), ("bf16 autocast", torch.bfloat16)])
def test_a_mode_multiplies_in_its_own_numbers(name, dtype):
    with MODES[name].autocast(CPU):
        product = torch.ones(3, 5) @ torch.ones(5, 7)

    assert product.dtype == dtype


@pytest.fixture
def noted(monkeypatch, small_peak):
    """The switches at each time that is taken; by PyTorch's default convolutions on CUDA would round to TF32."""
    seen = []

    def seconds(step, device):
        step()
        seen.append(switches())
        return 0.004

    for module in ("lab.benchmarking.timing", "lab.benchmarking.latency"):
        monkeypatch.setattr(f"{module}.seconds", seconds)
    monkeypatch.setattr("lab.benchmarking.roofline.COPY_BYTES", {"cpu": 2**16})
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))      # the compiler takes a minute
    assert switches() == (False, True, False)
    return seen


@pytest.mark.parametrize("training", [False, True], ids=["forward", "training"])
@pytest.mark.parametrize("mode", HERE)
def test_a_row_of_throughput_is_in_its_mode_and_says_so(mode, training, noted, monkeypatch):
    kept = []
    monkeypatch.setattr(rates, "measured_peak", lambda *device_and_mode: Peak(1e12, 1e12))
    rates.test_throughput(Row("LeNet", 1, mode, training), CPU, lambda row, rounds: kept.append(row))

    assert set(noted) == {of(mode)}
    assert kept[0]["mode"] == mode


@pytest.mark.parametrize("mode, products", [("library default", True), ("float32", False), ("TF32", True)])
def test_a_peak_is_of_what_the_mode_can_do(mode, products, noted):
    """The library rounds to TF32 in convolutions alone, but their peak is measured by a product."""
    measured_peak(CPU, MODES[mode])

    assert {product for product, *_ in noted} == {products}


def test_layers_under_the_roof_are_in_float32(noted):
    test = cost.test_memory_is_the_roof_of_a_depthwise_convolution
    with suppress(AssertionError):      # so small a layer may lie under no roof
        test("depthwise 3x3 convolution", "memory", "arithmetic", Machine(CPU), Evidence([]), Sized(1, 1))

    assert set(noted) == {of("float32")}


def test_a_layers_own_time_is_in_float32(noted):
    kept = []
    flops.test_intensity_is_work_over_traffic("attention", 12 * 2 * 197**2 * 64, 12 * 4 * 197 * 64, CPU,
                                              lambda rounds, **facts: kept.extend(rounds))

    assert set(noted) == {of("float32")}
    assert kept == [0.004] * len(kept) != []


def test_each_work_of_a_comparison_is_in_its_own_mode(noted):
    seen = {}
    works = [Work(mode, lambda _, device, mode=mode: lambda: seen.setdefault(mode, set()).add(switches()), 1, "call",
                  mode=MODES[mode]) for mode in ("float32", "TF32")]
    compare_costs(*works, 1.25, CPU, cap=2)

    assert seen == {mode: {of(mode)} for mode in ("float32", "TF32")}


@pytest.mark.parametrize("device, capability, name, expected, numbers", [
    ("cuda", (7, 5), "bf16 autocast, channels_last", "fp16 autocast, channels_last", torch.float16),
    ("cuda", (8, 0), "bf16 autocast, channels_last", "bf16 autocast, channels_last", torch.bfloat16),
    ("cuda", (7, 5), "float32", "float32", torch.float32),
    ("cpu", (7, 5), "bf16 autocast", "bf16 autocast", torch.bfloat16),
])
def test_an_old_gpu_has_float16_in_the_place_of_bfloat16(device, capability, name, expected, numbers, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    mode = available(name, torch.device(device))

    assert (mode.name, mode.dtype) == (expected, numbers)
    assert mode.channels_last == MODES[name].channels_last
