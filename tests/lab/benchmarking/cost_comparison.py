"""What a unit of work costs: two pieces of work taken in turns, and a verdict on the ratio of their costs.

Two works are compared by the log ratio of what one unit of each costs, round by round: within a round they run right
after each other, in alternating order, so that what drifts (clocks, heat, neighbours) touches both.
"""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import cycle

import torch

from lab.benchmarking.memory import fitting
from lab.benchmarking.timing import Rounds, conditions, measure
from lab.device import MODES, Mode, describe, precision, steady
from lab.device.monitor import monitored
from lab.statistics.decisions import NOMINAL_ALPHA, RULES, Decision

REPEATS = 3  # times of a work within a round, of which the median counts
FEWEST_ROUNDS = 5


@dataclass(frozen=True)
class Work:
    """What a step on a batch does, and how much: its cost is seconds a unit.

    Nothing is on a device until `build` is called, with the size of the batch and the device, for the step. "{batch}"
    in its name stands for that size.
    """

    name: str
    build: Callable[[int, torch.device], Callable[[], object]]
    amount: float  # of one image
    unit: str  # "10^9 multiply-adds", "image", "megapixel"
    batch: int = 1
    mode: Mode = MODES["float32"]

    @property
    def title(self):
        return self.name.replace("{batch}", str(self.batch))

    def measured(self, device):
        """Timing of the step, in its mode."""
        with precision(self.mode, device):
            return measure(self.build(self.batch, device), device)


@dataclass(frozen=True)
class CostComparison:
    """Two works in turns, and what the rounds say about the log ratio of their costs; batches are those that fitted."""

    first: Work
    second: Work
    costs: list[tuple[float, float]]  # seconds a unit, one pair a round
    decision: Decision
    rule: str
    machine: dict = field(default_factory=dict)

    @property
    def verdict(self):
        return self.decision.verdict

    @property
    def ratio(self):
        """The first's cost over the second's, geometric mean over the rounds."""
        return math.exp(self.decision.mean)

    @property
    def batches(self):
        return self.first.batch, self.second.batch

    def as_evidence(self):
        """Plain data for evidence.experiment: rounds in the place of seeds."""
        again = " again" if self.first.title == self.second.title else ""
        arms = dict(zip((self.first.title, self.second.title + again), zip(*self.costs)))
        return {
            **self.decision.as_evidence(),
            "rule": self.rule,
            "arms": arms,
            "seeds": list(range(len(self.costs))),
            "metric": f"log ratio of seconds per {self.first.unit}",
            "data": None,
            "recipe": {**self.machine, "mode": "; ".join(dict.fromkeys([self.first.mode.name, self.second.mode.name]))},
        }


def compare_costs(first, second, margin, device, rule="gain", cap=60, alpha=NOMINAL_ALPHA):
    """Does a unit of `first` cost over `margin` times one of `second` ("gain"), or the same within it ("equivalence")?

    Rounds are added until the sequential rule decides or `cap` is reached. They are repetitions on this device, in this
    session: the verdict covers no other device. Batches that don't fit into its memory are halved together until they
    do (an image alone stays one), and the evidence says so.
    """
    asked = max(first.batch, second.batch)

    def compare(batch):
        works = [replace(work, batch=max(1, work.batch * batch // asked)) for work in (first, second)]
        times, costs = [_rounds_of(work, device) for work in works], []
        with monitored(device) as samples:
            for number, pair in zip(range(cap), _costs(works, times)):
                costs.append(pair)
                decision = RULES[rule](log_ratios(costs), math.log(margin), alpha, 0.0)
                if number + 1 >= FEWEST_ROUNDS and decision.verdict != "undecided":
                    break
        return *works, costs, decision, rule, conditions(times, samples, device)

    with steady(device):
        (*result, seen), fitted = fitting(asked, compare)
    short = {"out of memory at a batch of": 2 * fitted} if fitted < asked else {}
    return CostComparison(*result, {**describe(device), **short, **seen})


def log_ratios(costs):
    """log(first / second) of each pair."""
    return [math.log(first / second) for first, second in costs]


def _rounds_of(work, device):
    with precision(work.mode, device):
        return Rounds(work.build(work.batch, device), device)


def _costs(works, times):
    """Costs of the two works, (seconds a unit, seconds a unit) a round, without end; the other goes first each time.

    times: the Rounds of each.
    """
    for turns in cycle([[0, 1] * REPEATS, [1, 0] * REPEATS]):
        for index in turns:
            with precision(works[index].mode, times[index].device):
                times[index].take()
        for work, rounds in zip(works, times):
            with precision(work.mode, rounds.device):
                rounds.repeat_slow(REPEATS)
        yield tuple(
            statistics.median(rounds.seconds[-REPEATS:]) / (work.batch * work.amount)
            for work, rounds in zip(works, times)
        )
