"""What is read of a GPU's sensors while work runs, from a stand-in for NVML: no GPU is needed to read one."""
import sys
import time
from types import SimpleNamespace

import pytest
import torch

from lab.device.monitor import PERIOD, monitored
from lab.report.language.catalogue import translated

CPU, GPU = torch.device("cpu"), torch.device("cuda", 1)
COUNTER = "nvmlDeviceGetTotalEnergyConsumption"


class NvmlError(Exception):
    """As nvidia-ml-py's NVMLError."""


class Nvml:
    """A GPU that gets hotter and slower with each reading, at 300 W, by the counter too."""

    NVML_CLOCK_SM, NVML_TEMPERATURE_GPU, NVMLError = 1, 0, NvmlError

    def __init__(self, silent=(), held_down=(0,)):
        self.silent, self.held_down, self.readings = silent, held_down, 0

    def __getattr__(self, name):
        raise AttributeError(name)

    def nvmlInit(self):
        self._answer("nvmlInit", None)
        self.began = time.perf_counter()

    def nvmlDeviceGetHandleByUUID(self, uuid):
        assert uuid == "GPU-5eed"
        return "handle"

    def nvmlDeviceGetClockInfo(self, handle, kind):
        self.readings += 1
        return self._answer("nvmlDeviceGetClockInfo", 1980 - 30 * self.readings)

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle):
        return self._answer("nvmlDeviceGetCurrentClocksThrottleReasons",
                            self.held_down[self.readings % len(self.held_down)])

    def nvmlDeviceGetTemperature(self, handle, sensor):
        return self._answer("nvmlDeviceGetTemperature", 50 + self.readings)

    def nvmlDeviceGetPowerUsage(self, handle):
        return self._answer("nvmlDeviceGetPowerUsage", 200_000)

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        return self._answer("nvmlDeviceGetTotalEnergyConsumption", 7_000 + 300_000 * (time.perf_counter() - self.began))

    def _answer(self, name, value):
        if name in self.silent:
            raise NvmlError("Not Supported")
        return value


@pytest.fixture(autouse=True)
def gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_properties", {GPU: SimpleNamespace(uuid="5eed")}.get)
    monkeypatch.setattr(torch.cuda, "memory_reserved", {GPU: 3 * 2**20}.get)


def watch(nvml, seconds):
    with monitored(GPU, nvml) as samples:
        time.sleep(seconds)
    return samples


def test_a_gpu_is_sampled_while_work_runs():
    nvml = Nvml()
    samples = watch(nvml, 4.5 * PERIOD)

    assert len(samples.taken) == nvml.readings >= 2
    assert samples.lowest_clock == 1980 - 30 * nvml.readings
    assert samples.hottest == 50 + nvml.readings
    assert samples.most_reserved == 3 * 2**20
    assert samples.held_down == []
    assert f"at least {samples.lowest_clock} MHz, not held down, at most {samples.hottest} °C" in samples.words()


def test_work_shorter_than_a_period_is_sampled_once():
    assert len(watch(Nvml(), 0).taken) == 1


def test_what_holds_the_clocks_down_is_told_in_words():
    """Once in three samples, and with a bit for an idle GPU, which holds nothing down."""
    samples = watch(Nvml(held_down=(1, 1, 0x4 | 0x40)), 3.5 * PERIOD)

    assert samples.held_down == ["power limit", "heat, by the hardware"]
    assert "held down by power limit, heat, by the hardware" in samples.words()
    assert "受限于" in translated(samples.words(), "zh")


@pytest.mark.parametrize("silent, seconds, watts", [
    pytest.param((), 1.1, 300, id="by the energy counter"),
    pytest.param((), 2 * PERIOD, 200, id="too short for the counter"),
    pytest.param((COUNTER,), 1.1, 200, id="a card without a counter"),
    pytest.param((COUNTER, "nvmlDeviceGetPowerUsage"), 0, None, id="a card that can't tell"),
])
def test_power_is_energy_over_time_where_a_card_counts_it(silent, seconds, watts):
    assert watch(Nvml(silent), seconds).watts == (watts and pytest.approx(watts, rel=0.05))


def test_what_a_card_does_not_tell_leaves_the_rest():
    told = watch(Nvml(("nvmlDeviceGetClockInfo", "nvmlDeviceGetTemperature", "nvmlDeviceGetPowerUsage",
                       "nvmlDeviceGetCurrentClocksThrottleReasons")), 0).words()

    assert told == "3 MiB reserved"


@pytest.mark.parametrize("device, nvml, told", [
    pytest.param(CPU, Nvml(), "not sampled: only NVIDIA GPUs tell clocks, heat and power", id="the CPU"),
    pytest.param(GPU, Nvml(("nvmlInit",)), "not sampled: NVML says Not Supported", id="a driver that refuses"),
])
def test_where_nothing_can_be_sampled_a_sentence_says_so(device, nvml, told):
    with monitored(device, nvml) as samples:
        pass

    assert samples.words() == told
    assert (samples.watts, samples.lowest_clock, samples.hottest, samples.held_down) == (None, None, None, [])


def test_without_nvidia_ml_py_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)      # as if it were not installed

    assert watch(None, 0).words() == "not sampled: pip install nvidia-ml-py"
