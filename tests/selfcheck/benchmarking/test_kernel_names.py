"""Are the kernels that a GPU ran told, and no others?"""
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity

from lab.benchmarking import kernel_names
from lab.benchmarking.cost_comparison import Work

GPU = torch.device("cuda")
EVENTS = [(DeviceType.CPU, "aten::conv2d"), (DeviceType.CUDA, "winograd_nonfused"), (DeviceType.CUDA, "sgemm_128x64")]


def test_kernels_of_the_second_call_are_told_in_order(monkeypatch):
    calls = []

    @contextmanager
    def profile(activities):
        calls.append("profiled")
        yield SimpleNamespace(events=lambda: [SimpleNamespace(device_type=kind, name=name) for kind, name in EVENTS])

    monkeypatch.setattr(kernel_names, "profile", profile)
    monkeypatch.setattr(kernel_names, "supported_activities", lambda: {ProfilerActivity.CUDA})
    for name in "synchronize", "device":
        monkeypatch.setattr(torch.cuda, name, contextmanager(lambda device: iter([None])))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    work = Work("a layer", lambda batch, device: lambda: calls.append(batch), 1, "image", batch=7)

    assert kernel_names.kernel_names(work, GPU) == ["winograd_nonfused", "sgemm_128x64"]
    assert calls == [7, "profiled", 7]


@pytest.mark.parametrize("name", ["cpu", "cuda"], ids=["the CPU", "a GPU that the profiler does not see"])
def test_where_no_kernel_is_seen_none_is_told(name, monkeypatch):
    monkeypatch.setattr(kernel_names, "supported_activities", lambda: {ProfilerActivity.CPU})
    work = Work("a layer", lambda batch, device: pytest.fail("built"), 1, "image")

    assert kernel_names.kernel_names(work, torch.device(name)) == []
