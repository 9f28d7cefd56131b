"""Benchmarks: the device of each test, and the machine beside pytest-benchmark's numbers."""
import inspect

import pytest
import torch

from lab.benchmarking.machine import Machine, measured_now
from lab.claims.plugin import ABSENT, RECORDS, cost_asked
from lab.device import describe, steady, torch_device
from lab.experiments.answers import Asker, KeptAnswers, RecordedAnswers
from lab.experiments.plugin import RECORDER, auditing


def pytest_itemcollected(item):
    """`-m gpu` asks for the comparisons too, at a GPU's sizes: on another device they are NOT RUN then.

    `-m benchmark` alone runs them small on any device. What takes no `device` or `machine` counts, or measures the CPU,
    wherever it runs, and never becomes `gpu`.
    """
    asked = item.config.getoption("markexpr")
    only_gpu = "gpu" in asked and "benchmark" not in asked
    cuda = torch_device(item.config.getoption("device")).type == "cuda"
    on_the_device = {"device", "machine"} & set(inspect.signature(item.function).parameters)
    if item.get_closest_marker("benchmark") and on_the_device and (cuda or only_gpu):
        item.add_marker("gpu")


@pytest.fixture
def device(device):
    """The session's device, on one thread if it is the CPU."""
    with steady(device):
        yield device


@pytest.fixture
def machine(request, records):
    """What a claim about cost asks of the device; where cost is not measured, of a machine that was asked before."""
    item, config = request.node, request.config
    asker, absent = Asker.of(item, Machine), item.stash.get(ABSENT, "")
    if absent and (auditing(config) or cost_asked(config)):
        pytest.skip(absent)     # who asks for this device's answers is not given another's
    if absent:
        item.stash[RECORDS] = RecordedAnswers(asker, records, absent)
        return Machine(torch.device(item.stash[RECORDS].device), item.stash[RECORDS])
    device, recorder = request.getfixturevalue("device"), config.stash[RECORDER]
    return Machine(device, KeptAnswers(asker, recorder, device) if recorder else measured_now)


def pytest_benchmark_update_machine_info(config, machine_info):
    """pytest-benchmark warns when two compared runs differ in this; clocks change by the second, so they stay out."""
    machine_info["cpu"].pop("hz_actual_friendly", None)
    machine_info["cpu"].pop("hz_actual", None)
    found = describe(torch_device(config.getoption("device")))
    machine_info["torch"] = {key: text for key, text in found.items() if key != "clocks"}
