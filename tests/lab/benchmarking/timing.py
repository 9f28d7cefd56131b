"""Times in rounds: a warm-up that more of it could not help, and medians."""

import math
import statistics
from dataclasses import dataclass

from lab.device import WAKE_UP, seconds, steady

WARM_UP_CALLS = 30  # at most
WARM_UP_SECONDS = 5
SETTLED = 2  # calls in a row that were no faster than the best before
IMPROVEMENT = 0.95
SHORTEST = 2e-3  # s: a time is taken over as many calls as it takes to last so long


@dataclass(frozen=True)
class Timing:
    """Seconds of one call, one for each round."""

    seconds: list[float]

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


def measure(step, device, rounds=7):
    """Timing of `step` after its warm-up; at least two rounds."""
    with steady(device):
        calls = warm_up(step, device)
        return Timing([seconds_of_calls(step, device, calls) for _ in range(rounds)])


def warm_up(step, device):
    """Call `step` until further calls don't get faster, and return how many of them last SHORTEST seconds.

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
        calls = _calls(best)
        took = seconds_of_calls(step, device, calls)
        best, spent = min(best, took), spent + calls * took
    return _calls(best)


def _calls(took):
    return max(1, math.ceil(SHORTEST / max(took, 1e-9)))


def seconds_of_calls(step, device, calls):
    """Seconds of one call, on average over `calls` in a row."""

    def in_a_row():
        for _ in range(calls):
            step()

    return seconds(in_a_row, device) / calls
