"""How long one call takes until its result is there: what a service that answers one image can promise."""

import statistics

from lab.benchmarking.timing import uncollected, warm_up
from lab.device import seconds, steady

SINGLE_CALLS = 200  # so that two of them took longer than the 99th percentile
LONGEST = 10  # s: where so many calls take longer, as many as fit, but at least FEWEST
FEWEST = 20
PERCENTILES = 50, 90, 99


def single_calls(step, device):
    """Seconds of single calls of `step` after its warm-up, each from an idle device."""
    with steady(device):
        warm_up(step, device)
        with uncollected():
            taken = [seconds(step, device) for _ in range(FEWEST)]
            while len(taken) < SINGLE_CALLS and sum(taken) < LONGEST:
                taken.append(seconds(step, device))
    return taken


def percentiles(taken):
    """{50: s, 90: s, 99: s} of at least two times; between two of them in proportion."""
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {percent: cuts[percent - 1] for percent in PERCENTILES}
