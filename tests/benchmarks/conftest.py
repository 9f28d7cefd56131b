"""Benchmarks: the device of each test, and the machine beside pytest-benchmark's numbers."""
import pytest
import torch

from lab.timing import describe, need_cuda, steady


def pytest_itemcollected(item):
    """`-m gpu` asks for the comparisons too, at a GPU's sizes: without CUDA they are NOT RUN then.

    `-m benchmark` alone runs them small on any device.
    """
    asked = item.config.getoption("markexpr")
    only_gpu = "gpu" in asked and "benchmark" not in asked
    if item.get_closest_marker("benchmark") and (torch.cuda.is_available() or only_gpu):
        item.add_marker("gpu")


@pytest.fixture
def device(request, device):
    """The session's device, on one thread if it is the CPU; a test marked gpu gets CUDA, but for its dry run."""
    cuda = request.node.get_closest_marker("gpu") and not request.config.getoption("dry_run")
    with steady(need_cuda(device) if cuda else device):
        yield device


def pytest_benchmark_update_machine_info(config, machine_info):
    """pytest-benchmark warns when two compared runs differ in this; clocks change by the second, so they stay out."""
    machine_info["cpu"].pop("hz_actual_friendly", None)
    machine_info["cpu"].pop("hz_actual", None)
    name = "cuda" if torch.cuda.is_available() and config.getoption("device") in {"auto", "cuda"} else "cpu"
    machine_info["torch"] = {key: text for key, text in describe(torch.device(name)).items() if key != "clocks"}
