"""All that depends on the device: its clock, its precision modes, and what it turns out not to have.

A step is a function without arguments that starts work on the device. On CUDA it is timed by events on the device's own
stream; on mps by the wall clock between two waits; on the CPU by this process's CPU clock, on one thread (`steady`), so
that what other programs take from the machine doesn't count. The device's memory is in lab.benchmarking.memory.
"""

import platform
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch

from lab.errors import NotAvailable


class NeedsDevice(NotAvailable):
    """A measurement needs a device, or a feature of it, that this machine doesn't have."""


def torch_device(name):
    """The torch device of this name; "auto" is the best there is. Raises NeedsDevice where PyTorch finds none."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    best = next(one for one in found if found[one])
    if name != "auto" and not found[name]:
        raise NeedsDevice(f"--device {name}: PyTorch finds none on this machine; leave the option out for {best}")
    return torch.device(best if name == "auto" else name)


def all_like(device):
    """Every device of its kind in this machine: each CUDA device, or the one CPU."""
    return [torch.device("cuda", i) for i in range(torch.cuda.device_count())] if device.type == "cuda" else [device]


@dataclass(frozen=True)
class Sized:
    """A size for the CPU, where a benchmark must stay short, and one that keeps a GPU busy."""

    cpu: object
    cuda: object

    def on(self, device):
        return self.cuda if device.type == "cuda" else self.cpu


# Time

WAKE_UP = {"cuda": 0.3, "mps": 0.3, "cpu": 0}  # s of work until the clocks of a GPU at rest are up; drift would show it


def seconds(step, device):
    """Seconds of one call of `step`, from an idle device until the device has done it all."""
    wait(device)
    if device.type == "cuda":
        with torch.cuda.device(device):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            step()
            end.record()
            end.synchronize()
        return start.elapsed_time(end) / 1000  # it comes in ms
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    began = clock()
    step()
    wait(device)
    return clock() - began


def wait(device):
    """Return when the device has done all that was started on it: calls return before their work is done on a GPU."""
    backend = getattr(torch, device.type)
    if device.type == "cuda":
        backend.synchronize(device)
    else:
        backend.synchronize()


@contextmanager
def one_thread():
    """One thread while inside, or while a function that this decorates runs.

    Two threads add in another order than one, so weights would differ in their last bits; and they would wait for each
    other whenever another program holds a core.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def steady(device):
    """`one_thread` where the device is the CPU; another device needs none of it."""
    return one_thread() if device.type == "cpu" else nullcontext()


# Precision


@dataclass(frozen=True)
class Mode:
    """How a network is run."""

    name: str
    tf32: bool = False  # float32 products on CUDA rounded to 10 bits of mantissa
    bf16: bool = False  # autocast: products in bfloat16, sums and normalisation in float32
    channels_last: bool = False  # (N, C, H, W) tensors kept in memory as N, H, W, C
    compiled: bool = False  # torch.compile

    @property
    def memory_format(self):
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def autocast(self, device):
        """For the forward pass of each step, which casts the weights anew."""
        return torch.autocast(device.type, torch.bfloat16) if self.bf16 else nullcontext()


MODES = {
    mode.name: mode
    for mode in [
        Mode("float32"),
        Mode("TF32", tf32=True),
        Mode("channels_last", channels_last=True),
        Mode("bf16 autocast", bf16=True),
        Mode("bf16 autocast, channels_last", bf16=True, channels_last=True),
        Mode("torch.compile", compiled=True),
    ]
}


@contextmanager
def precision(mode, device):
    """Float32 products in this mode's way while inside. Raises NeedsDevice where the device doesn't have the mode."""
    least = (8, 0) if mode.tf32 or mode.bf16 else (7, 0) if mode.compiled else (0, 0)
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < least:
        raise NeedsDevice(f"{mode.name} needs a GPU of compute capability {least[0]}.0 or later: run on a newer one")
    if mode.compiled and device.type == "cuda" and not find_spec("triton"):
        raise NeedsDevice("torch.compile on CUDA needs Triton: pip install triton")
    if mode.compiled and not any(map(shutil.which, ("gcc", "clang") if device.type == "cuda" else ("g++", "clang++"))):
        raise NeedsDevice("torch.compile needs a compiler: install g++ or clang")
    before = torch.backends.cuda.matmul.allow_tf32
    with ExitStack() as stack:
        stack.callback(setattr, torch.backends.cuda.matmul, "allow_tf32", before)
        torch.backends.cuda.matmul.allow_tf32 = mode.tf32
        stack.enter_context(torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=mode.tf32))
        yield


# What it runs out of


def is_out_of_memory(error):
    """Whether an error of PyTorch's, or Python's own, says that memory ran out."""
    words = (
        "out of memory",
        "ALLOC_FAILED",
        "unable to find an engine",  # CUDA and mps; cuBLAS; cuDNN
        "can't allocate memory",
        "not enough memory",
    )  # the CPU on Linux; on Windows
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(word in str(error) for word in words)


# What it is


def describe(device):
    """Device, driver and clocks as found, in words: {"device", "driver", "clocks", "software"}."""
    software = f"PyTorch {torch.__version__}"
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        driver, clocks = _nvidia_smi(properties.uuid)
        name = f"{properties.name}, {properties.total_memory / 2**30:.1f} GiB"
        return {
            "device": name,
            "driver": driver,
            "clocks": clocks,
            "software": f"{software}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
        }
    name, clocks = cpu()
    used = f", one thread, {torch.backends.cpu.get_cpu_capability()}" if device.type == "cpu" else ""
    return {
        "device": f"{device.type}: {name}{used}",
        "driver": f"{platform.system()} {platform.release()}",
        "clocks": clocks,
        "software": software,
    }


def cpu():
    """(name, clock) of this machine's processor, in words."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    rows = [line.split(":", 1) for line in reversed(info.splitlines()) if ":" in line]  # of several, the first stays
    found = {key.strip(): value.strip() for key, value in rows}
    clock = f"{float(found['cpu MHz']):.0f} MHz" if "cpu MHz" in found else "not known"
    return found.get("model name", platform.processor() or platform.machine()), clock


def _nvidia_smi(uuid):
    """(driver, clocks) as nvidia-smi reports them."""
    wanted = "driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit"
    try:
        asked = ["nvidia-smi", f"--query-gpu={wanted}", "--format=csv,noheader", "-i", f"GPU-{uuid}"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout.strip().split(", ")
        return found[0], "SM {1} (at most {2}), memory {3}, power limit {4}".format(*found)
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        return "not known", f"not known (nvidia-smi: {type(error).__name__})"
