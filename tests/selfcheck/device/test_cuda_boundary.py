"""What is asked of CUDA and in which order, at PyTorch's boundary: no GPU is needed to read a log of the calls."""
import os
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch

from lab.benchmarking import timing
from lab.benchmarking.memory import peak_bytes
from lab.device import MODES, all_like, as_graph, describe, found, precision, seconds
from lab.errors import NeedsDevice

SECOND = torch.device("cuda", 1)


@pytest.fixture
def log(monkeypatch):
    """Each call that a machine with two GPUs would get."""
    calls = []

    class Event:
        def __init__(self, enable_timing):
            self.name = f"event {sum(call.startswith('made') for call in calls)}"
            calls.append(f"made {self.name}, timing {enable_timing}")

        def record(self):
            calls.append(f"record {self.name}")

        def synchronize(self):
            calls.append(f"wait for {self.name}")

        def elapsed_time(self, end):
            calls.append(f"from {self.name} to {end.name}")
            return 250.0

    @contextmanager
    def on(device):
        calls.append(f"on {device}")
        yield
        calls.append(f"off {device}")

    noted = {"synchronize": None, "reset_peak_memory_stats": None, "max_memory_allocated": 7 * 2**20}
    for name, result in noted.items():
        monkeypatch.setattr(torch.cuda, name, lambda device, name=name, result=result:
                            calls.append(f"{name} {device}") or result)
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "device", on)
    return calls


def test_cuda_is_timed_by_events_on_the_right_device(log):
    assert seconds(lambda: log.append("work"), SECOND) == 0.25      # s; events tell ms
    assert log == ["synchronize cuda:1", "on cuda:1", "made event 0, timing True", "made event 1, timing True",
                   "record event 0", "work", "record event 1", "wait for event 1", "off cuda:1",
                   "from event 0 to event 1"]


def test_peak_memory_is_read_after_the_step_and_counted_from_before_it(log):
    assert peak_bytes(lambda: log.append("work"), SECOND) == 7 * 2**20
    assert log == ["reset_peak_memory_stats cuda:1", "work", "synchronize cuda:1", "max_memory_allocated cuda:1"]


def test_the_warm_up_lasts_until_a_gpu_is_awake(monkeypatch):
    """Steps of 0.1 ms settle at once, but the clocks of a GPU at rest rise later: here after 0.1 s."""
    spent = [0.0]

    def asleep_at_first(step, device):
        step()
        took = 1e-4 * ran.pop() if spent[0] > 0.1 else 3e-4 * ran.pop()
        spent[0] += took
        return took

    ran = []
    monkeypatch.setattr(timing, "seconds", asleep_at_first)
    monkeypatch.setattr(timing, "seconds_of_calls", lambda step, device, calls:
                        ran.append(calls) or asleep_at_first(lambda: None, device) / calls)
    calls = timing.warm_up(lambda: ran.append(1), SECOND)

    assert spent[0] > 0.3
    assert calls == pytest.approx(500, abs=1)       # 50 ms of 0.1 ms each: counted when awake


def refusal(name, device):
    """What is said where the device doesn't have the mode; "" where it does."""
    try:
        with precision(MODES[name], device):
            return ""
    except NeedsDevice as error:
        return str(error)


@pytest.mark.parametrize("name, capability, told", [
    ("TF32", (7, 5), "TF32 needs a GPU of compute capability 8.0 or later: run on a newer one"),
    ("bf16 autocast", (7, 5), "bf16 autocast needs a GPU of compute capability 8.0 or later: run on a newer one"),
    ("torch.compile", (6, 1), "torch.compile needs a GPU of compute capability 7.0 or later: run on a newer one"),
    ("bf16, channels_last, compiled", (7, 5),
     "bf16, channels_last, compiled needs a GPU of compute capability 8.0 or later: run on a newer one"),
    ("fp16 autocast", (7, 5), ""), ("CUDA graph", (7, 5), ""), ("library default", (6, 1), ""),     # what a T4 has
    ("float32", (6, 1), ""), ("channels_last", (6, 1), ""), ("TF32", (8, 0), ""), ("bf16 autocast", (9, 0), ""),
])
def test_a_mode_that_an_old_gpu_lacks_is_named(name, capability, told, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", {SECOND: capability}.get)

    assert refusal(name, SECOND) == told


def test_a_cpu_has_no_cuda_graph():
    told = "CUDA graph is of CUDA devices alone: choose one by --device=cuda"

    assert refusal("CUDA graph", torch.device("cpu")) == told


def test_a_graph_is_captured_after_first_calls_on_a_stream_of_their_own(monkeypatch):
    """The calls as PyTorch asks for them; replayed, the step's Python doesn't run again."""
    calls = []

    class Stream:
        def __init__(self, name):
            self.name = str(name)

        def wait_stream(self, other):
            calls.append(f"{self.name} waits for {other.name}")

    @contextmanager
    def inside(what):
        calls.append(f"in {what}")
        yield
        calls.append(f"out of {what}")

    graph = SimpleNamespace(replay=lambda: calls.append("replay"))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Stream("present"))
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: Stream("own"))
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: inside(stream.name))
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: graph)
    monkeypatch.setattr(torch.cuda, "graph", lambda made: inside("graph" if made is graph else "another"))
    as_graph(lambda: calls.append("step"), SECOND)()

    assert calls == ["own waits for present", "in own", *["step"] * 3, "out of own", "present waits for own",
                     "in graph", "step", "out of graph", "replay"]


@pytest.mark.parametrize("device, triton, programs, headers, told", [
    (SECOND, None, {"gcc"}, True, "torch.compile on CUDA needs Triton: pip install triton"),
    (SECOND, "there", set(), True, "torch.compile needs a compiler: install g++ or clang"),
    (SECOND, "there", {"gcc"}, False,
     "torch.compile needs Python's headers, and {} has none: install python3-dev"),
    (SECOND, "there", {"gcc"}, True, ""),
    (torch.device("cpu"), None, {"gcc"}, True, "torch.compile needs a compiler: install g++ or clang"),
    (torch.device("cpu"), None, {"g++"}, True, ""),
])
def test_what_torch_compile_lacks_is_named(device, triton, programs, headers, told, monkeypatch, tmp_path):
    if headers:
        (tmp_path / "Python.h").touch()
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr("lab.device.modes.find_spec", lambda name: triton)
    monkeypatch.setattr("lab.device.modes.shutil.which", lambda name: name if name in programs else None)
    monkeypatch.setattr("lab.device.modes.sysconfig.get_path", lambda *asked: str(tmp_path))

    assert refusal("torch.compile", device) == told.format(tmp_path)


def test_every_gpu_of_the_machine_is_one_to_train_on(monkeypatch):
    """But not one that this build of PyTorch has no kernels for."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(found, "lacking", lambda device: "kernels" if device.index == 1 else "")

    assert all_like(torch.device("cuda")) == [torch.device("cuda", 0), torch.device("cuda", 2)]
    assert all_like(torch.device("cpu")) == [torch.device("cpu")]


def test_driver_and_clocks_are_those_of_the_gpu_itself(tmp_path, monkeypatch):
    """nvidia-smi numbers GPUs its own way, so it is asked by the GPU's own name."""
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\ncase "$*" in *"-i GPU-5eed"*) '
                       'echo "580.1, 1980 MHz, 2010 MHz, 2619 MHz, 700.00 W";; *) exit 6;; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    asked = []
    properties = SimpleNamespace(name="a GPU", total_memory=80 * 2**30, uuid="5eed")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: asked.append(device) or properties)
    described = describe(SECOND)

    assert asked == [SECOND]
    assert described["device"] == "a GPU, 80.0 GiB"
    assert described["driver"] == "580.1"
    assert described["clocks"] == "SM 1980 MHz (at most 2010 MHz), memory 2619 MHz, power limit 700.00 W"
    properties.uuid = "another"
    assert describe(SECOND)["clocks"] == "not known (nvidia-smi: CalledProcessError)"
