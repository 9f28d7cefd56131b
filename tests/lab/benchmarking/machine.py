"""What claims about cost ask of a device, each answer plain data: measured now, or in the records of a machine."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import torch

from lab.benchmarking.cost_comparison import CostComparison, compare_costs, log_ratios
from lab.benchmarking.roofline import Peak, measured_peak
from lab.benchmarking.timing import Timing
from lab.device import MODES
from lab.statistics.decisions import NOMINAL_ALPHA, RULES


def measured_now(question, measure):
    """An answer that is measured, whatever the question."""
    return measure()


@dataclass(frozen=True)
class Machine:
    """A device, and who answers: answer(question in words, function that measures plain data) -> such data.

    A verdict is decided here from the answer, by the rule that decided how many rounds to measure.
    """

    device: torch.device
    answer: Callable = field(default=measured_now)

    def compare(self, first, second, margin, rule="gain", cap=60, alpha=NOMINAL_ALPHA):
        """As compare_costs."""

        def measure():
            found = compare_costs(first, second, margin, self.device, rule, cap, alpha)
            return {"costs": found.costs, "batches": found.batches, "machine": found.machine}

        found = self.answer(f"{first.name}, {first.batch}, against {second.name}, {second.batch}", measure)
        costs = [tuple(pair) for pair in found["costs"]]
        works = [replace(work, batch=batch) for work, batch in zip((first, second), found["batches"])]
        decision = RULES[rule](log_ratios(costs), math.log(margin), alpha, 0.0)
        return CostComparison(*works, costs, decision, rule, found["machine"])

    def timing(self, work):
        """Timing of a work's step."""
        return Timing(**self.answer(f"{work.name}, {work.batch}", lambda: asdict(work.measured(self.device))))

    def peak(self, mode=MODES["float32"]):
        """As measured_peak."""
        return Peak(**self.answer(f"peak, {mode.name}", lambda: asdict(measured_peak(self.device, mode))))
