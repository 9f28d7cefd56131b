"""`pytest -p selfcheck.benchmarking.simulated.plugin -m gpu`: each benchmark on each card, with each algorithm.

Tests and instruments run unchanged, but for the timer: a step is run once for its kernels, and its time is what the
model says (cards). Its outcomes say nothing about a real card, and go to no report of a real one.
"""
import random
from functools import cache
from itertools import product
from weakref import WeakKeyDictionary

import pytest
import torch

from lab.benchmarking import roofline, throughput, timing, workloads
from lab.device.cuda import lacking, refusal
from selfcheck.benchmarking.simulated.cards import ALGORITHMS, CARDS
from selfcheck.benchmarking.simulated.cuda import simulated_cuda

SPREAD = 0.003      # of a round's time, relative: the rule that decides expects rounds to differ
CONTEXT = 2**29     # bytes that CUDA and its libraries keep for themselves: an assumption


class Timer:
    """In the place of timing.seconds and seconds_of_calls; `kernels` are those that a step launches, by step."""

    def __init__(self, launches):
        self.launches, self.kernels, self.chance = launches, WeakKeyDictionary(), random.Random(0)
        self.card = self.algorithm = None

    def seconds_of_calls(self, step, device, calls=1):
        if step not in self.kernels:
            self.kernels[step] = self.launches.of(step)
        return self.card.step(self.kernels[step], self.algorithm) * self.chance.gauss(1, SPREAD)


class Networks:
    """In the place of workloads.network_step: a network is built and run once for all cards; one may lack memory."""

    def __init__(self, timer):
        self.timer, self.build = timer, workloads.network_step
        self.replay = cache(self._replay)

    def network_step(self, *args, **options):
        step, needed = self.replay(*args, **options)
        if needed > self.timer.card.memory - CONTEXT:
            raise torch.OutOfMemoryError(f"CUDA out of memory: {needed / 2**30:.1f} GiB on a {self.timer.card.name}")
        return step, ()

    def _replay(self, *args, **options):
        """(A step that launches the same kernels and does nothing, bytes needed at most)."""
        memory = self.timer.launches.memory
        memory.peak = before = memory.bytes
        step, _ = self.build(*args, **options)
        kernels, needed = self.timer.launches.of(step), memory.peak - before
        replayed = lambda: memory.reach(needed)
        self.timer.kernels[replayed] = kernels
        return replayed, needed


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    if not config.getoption("report_dir"):
        raise pytest.UsageError("a simulated card's outcomes go to no real report: name a folder by --report-dir")
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    cuda = simulated_cuda(patch)
    launches, config.be_card = cuda.__enter__()
    config.add_cleanup(lambda: cuda.__exit__(None, None, None))
    config.be_card(CARDS["T4"])
    config.timer = timer = Timer(launches)
    patch.setattr(timing, "seconds", timer.seconds_of_calls)
    patch.setattr(timing, "seconds_of_calls", timer.seconds_of_calls)
    networks = Networks(timer)
    for module in workloads, throughput:
        patch.setattr(module, "network_step", networks.network_step)
    refusal.cache_clear()
    lacking.cache_clear()


@pytest.fixture(autouse=True, params=product(CARDS.values(), ALGORITHMS), ids=lambda pair: f"{pair[0].name} {pair[1]}")
def simulated(request):
    """Each test on each card, with each algorithm."""
    timer = request.config.timer
    timer.card, timer.algorithm = request.param
    request.config.be_card(timer.card)
    roofline.measured_peak.cache_clear()
