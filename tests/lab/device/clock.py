"""The device's clock.

A step is a function without arguments that starts work on the device. On CUDA it is timed by events on the device's own
stream; on mps by the wall clock between two waits; on the CPU by this process's CPU clock, on one thread (`steady`), so
that what other programs take from the machine doesn't count.
"""

import time
from contextlib import contextmanager, nullcontext

import torch

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
