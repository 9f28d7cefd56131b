"""Benchmarks: the device of each test, and the machine beside pytest-benchmark's numbers."""
import pytest

from lab.device import describe, steady, torch_device


def pytest_itemcollected(item):
    """`-m gpu` asks for the comparisons too, at a GPU's sizes: on another device they are NOT RUN then.

    `-m benchmark` alone runs them small on any device.
    """
    asked = item.config.getoption("markexpr")
    only_gpu = "gpu" in asked and "benchmark" not in asked
    cuda = torch_device(item.config.getoption("device")).type == "cuda"
    if item.get_closest_marker("benchmark") and (cuda or only_gpu):
        item.add_marker("gpu")


@pytest.fixture
def device(device):
    """The session's device, on one thread if it is the CPU."""
    with steady(device):
        yield device


def pytest_benchmark_update_machine_info(config, machine_info):
    """pytest-benchmark warns when two compared runs differ in this; clocks change by the second, so they stay out."""
    machine_info["cpu"].pop("hz_actual_friendly", None)
    machine_info["cpu"].pop("hz_actual", None)
    found = describe(torch_device(config.getoption("device")))
    machine_info["torch"] = {key: text for key, text in found.items() if key != "clocks"}
