"""Times in rounds: a warm-up that more of it could not help, medians, and what became of the rounds.

Python looks for no garbage in a round. A round far slower than the others is taken once more. A round in which CUDA's
allocator had to free what it kept and try again doesn't count: it timed the allocator.
"""

import gc
import math
import statistics
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.device import WAKE_UP, allocation_retries, seconds, steady
from lab.device.monitor import Samples, monitored

WARM_UP_CALLS = 30  # at most
WARM_UP_SECONDS = 5
SETTLED = 2  # calls in a row that were no faster than the best before
IMPROVEMENT = 0.95
# s: a round is as many calls as it takes to last so long. On a GPU launches and changes of its clocks average out; on
# the CPU's own clock rounds of one step spread by 2 to 3 % (standard deviation), of 1 ms as of 50.
SHORTEST = {"cuda": 0.05, "mps": 0.05, "cpu": 2e-3}
SLOW = 1.5  # times the median
TRIES = 3  # of a round in which the allocator retries


@dataclass(frozen=True)
class Timing:
    """Seconds of one call, one for each round."""

    seconds: list[float]
    conditions: dict = field(default_factory=dict)  # as `conditions` tells them
    samples: Samples = field(default_factory=Samples)

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def quartiles(self):
        """(lower, upper): half of the rounds lie between them."""
        lower, _, upper = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return lower, upper

    @property
    def drift(self):
        """Median of the first half of the rounds over that of the second: well above 1 if the warm-up was too short."""
        half = len(self.seconds) // 2
        return statistics.median(self.seconds[:half]) / statistics.median(self.seconds[-half:])


class Rounds:
    """A step's rounds: `seconds` of one call, on average over the calls of a round."""

    def __init__(self, step, device):
        self.step, self.device, self.calls = step, device, warm_up(step, device)
        self.seconds, self.repeated, self.left_out = [], 0, 0

    def take(self):
        """Add a round. Raises MemoryError if the allocator retries in each of TRIES."""
        self.seconds.append(self._round())

    def repeat_slow(self, last=None):
        """Take once more each of the `last` rounds (default: of all) that lasted SLOW times the median of all."""
        limit = SLOW * statistics.median(self.seconds)
        for index in range(len(self.seconds))[-(last or 0) :]:
            if self.seconds[index] > limit:
                self.repeated += 1
                self.seconds[index] = self._round()

    def _round(self):
        for _ in range(TRIES):
            before = allocation_retries(self.device)
            taken = seconds_of_calls(self.step, self.device, self.calls)
            if allocation_retries(self.device) == before:
                return taken
            self.left_out += 1
        raise MemoryError("it fits only where the allocator frees and retries in every round: take fewer images")


def measure(step, device, rounds=7):
    """Timing of `step` after its warm-up; at least two rounds, and as many as a GPU's energy counter asks for."""
    with steady(device):
        taken = Rounds(step, device)
        with monitored(device) as samples:
            while len(taken.seconds) < rounds or samples.too_short(taken.calls * sum(taken.seconds)):
                taken.take()
            taken.repeat_slow()
    return Timing(taken.seconds, conditions([taken], samples, device), samples)


def conditions(works, samples, device):
    """What became of the Rounds of some works, {words: how many}, and what a GPU's sensors said meanwhile."""
    counts = {
        "slow rounds, repeated": sum(rounds.repeated for rounds in works),
        "rounds left out, the allocator retried": sum(rounds.left_out for rounds in works),
    }
    sensors = {"sensors": samples.words()} if device.type == "cuda" else {}
    return {**{words: count for words, count in counts.items() if count}, **sensors}


def warm_up(step, device):
    """Call `step` until further calls don't get faster, and return how many of them make a round.

    First calls allocate, compile, pick algorithms and wake the device up: a GPU has to work for some time for that,
    however short the calls are.
    """
    best, since, spent = math.inf, 0, 0.0
    for _ in range(WARM_UP_CALLS):
        took = seconds(step, device)
        since = 0 if took < IMPROVEMENT * best else since + 1
        best, spent = min(best, took), spent + took
        if since >= SETTLED or (since and spent > WARM_UP_SECONDS):
            break
    while spent < WAKE_UP[device.type]:
        calls = _calls(best, device)
        took = seconds_of_calls(step, device, calls)
        best, spent = min(best, took), spent + calls * took
    return _calls(best, device)


def _calls(took, device):
    return max(1, math.ceil(SHORTEST[device.type] / max(took, 1e-9)))


def seconds_of_calls(step, device, calls):
    """Seconds of one call, on average over `calls` in a row, in which Python looks for no garbage."""

    def in_a_row():
        for _ in range(calls):
            step()

    with uncollected():
        return seconds(in_a_row, device) / calls


@contextmanager
def uncollected():
    """No search for garbage while inside: one takes longer than most steps, and comes when it comes."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
