"""Times in rounds: a warm-up that more of it could not help, medians, and two pieces of work taken in turns.

Two works are compared by the log ratio of what one unit of each costs, round by round: within a round they run right
after each other, in alternating order, so that what drifts (clocks, heat, neighbours) touches both.
"""
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.statistics import NOMINAL_ALPHA, Verdict, equivalence_verdict, paired_verdict
from lab.timing import MODES, Mode, describe, precision, seconds, steady
from lab.verdict_evidence import verdict_evidence

WARM_UP_CALLS = 30          # at most
WARM_UP_SECONDS = 5
SETTLED = 2                 # calls in a row that were no faster than the best before
IMPROVEMENT = 0.95
SHORTEST = 2e-3             # s: a time is taken over as many calls as it takes to last so long
REPEATS = 3                 # times of a work within a round, of which the median counts
FEWEST_ROUNDS = 5
RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict}


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

    First calls allocate, compile, pick algorithms and wake the device up.
    """
    best, since, spent = math.inf, 0, 0.0
    for _ in range(WARM_UP_CALLS):
        took = seconds(step, device)
        since = 0 if took < IMPROVEMENT * best else since + 1
        best, spent = min(best, took), spent + took
        if since >= SETTLED or (since and spent > WARM_UP_SECONDS):
            break
    return max(1, math.ceil(SHORTEST / max(best, 1e-9)))


def seconds_of_calls(step, device, calls):
    """Seconds of one call, on average over `calls` in a row."""
    def in_a_row():
        for _ in range(calls):
            step()
    return seconds(in_a_row, device) / calls


@dataclass(frozen=True)
class Work:
    """A step and how much it does: its cost is seconds a unit."""

    name: str
    step: Callable[[], object]
    amount: float
    unit: str               # "10^9 multiply-adds", "image", "megapixel"
    mode: Mode = MODES["float32"]


@dataclass(frozen=True)
class CostComparison:
    """Two works in turns, and what the rounds say about the log ratio of their costs."""

    first: Work
    second: Work
    costs: list[tuple[float, float]]        # seconds a unit, one pair a round
    decision: Verdict
    rule: str
    machine: dict = field(default_factory=dict)

    @property
    def verdict(self):
        return self.decision.verdict

    @property
    def ratio(self):
        """The first's cost over the second's, geometric mean over the rounds."""
        return math.exp(self.decision.mean)

    def as_evidence(self):
        """Plain data for evidence.experiment: rounds in the place of seeds."""
        arms = dict(zip((self.first.name, self.second.name), zip(*self.costs)))
        return verdict_evidence(self.decision, arms=arms, differences=log_ratios(self.costs), rule=self.rule,
                                metric=f"log ratio of seconds per {self.first.unit}", data=None, recipe=self.machine)


def compare_costs(first, second, margin, device, rule="gain", cap=60, alpha=NOMINAL_ALPHA):
    """Does a unit of `first` cost over `margin` times one of `second` ("gain"), or the same within it ("equivalence")?

    Rounds are added until the sequential rule decides or `cap` is reached. They are repetitions on this device, in this
    session: the verdict covers no other device.
    """
    costs = []
    with steady(device):
        calls = [_under_its_mode(work, device, warm_up) for work in (first, second)]
        for number in range(cap):
            costs.append(_one_round((first, second), calls, device, first_goes_first=number % 2 == 0))
            decision = RULES[rule](log_ratios(costs), math.log(margin), alpha)
            if number + 1 >= FEWEST_ROUNDS and decision.verdict != "undecided":
                break
    return CostComparison(first, second, costs, decision, rule, describe(device))


def log_ratios(costs):
    """log(first / second) of each pair."""
    return [math.log(first / second) for first, second in costs]


def _one_round(works, calls, device, first_goes_first):
    turns = [0, 1] * REPEATS if first_goes_first else [1, 0] * REPEATS
    times = [[], []]
    for index in turns:
        times[index].append(_under_its_mode(works[index], device, seconds_of_calls, calls[index]))
    return tuple(statistics.median(taken) / work.amount for taken, work in zip(times, works))


def _under_its_mode(work, device, function, *arguments):
    with precision(work.mode, device):
        return function(work.step, device, *arguments)
