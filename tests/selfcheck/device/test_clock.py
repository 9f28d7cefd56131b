"""Is the clock straight: does it wait for the device, and leave other programs out?"""
import time

import pytest
import torch

from lab.device import clock, seconds, steady
from selfcheck.busy import busy

CPU = torch.device("cpu")


def test_a_time_is_what_the_work_took():
    assert seconds(busy(20), CPU) == pytest.approx(0.020, rel=0.1)


def test_the_clock_starts_on_an_idle_device_and_stops_after_its_work(monkeypatch):
    events = []
    monkeypatch.setattr(clock.torch.cpu, "synchronize", lambda: events.append("wait"))
    seconds(lambda: events.append("work"), CPU)

    assert events == ["wait", "work", "wait"]


def test_other_programs_time_does_not_count():
    """A neighbour that holds the core looks like sleep to this process."""
    assert seconds(lambda: time.sleep(0.2), CPU) < 0.05


def test_the_cpu_is_timed_on_one_thread_and_gets_its_threads_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with pytest.raises(ZeroDivisionError), steady(CPU):
        inside = torch.get_num_threads()
        raise ZeroDivisionError
    after = torch.get_num_threads()
    torch.set_num_threads(before)

    assert (inside, after) == (1, 2)
