"""What claims about cost ask of a device, each answer plain data: measured now, or in the records of a machine."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import torch

from lab.benchmarking.cost_comparison import CostComparison, compare_costs, log_ratios
from lab.benchmarking.kernel_names import kernel_names
from lab.benchmarking.roofline import Peak, measured_peak
from lab.benchmarking.throughput import throughput
from lab.device import describe
from lab.statistics.decisions import NOMINAL_ALPHA, RULES


def measured_now(question, measure):
    """An answer that is measured, whatever the question."""
    return measure()


@dataclass(frozen=True)
class Shown:
    """What a row of the table of costs shows of a network."""

    rate: float  # FLOP/s
    share: float  # of the measured peak, %
    images_per_second: float
    spread: tuple[float, float]  # quartiles of the latter
    words: str

    @classmethod
    def of(cls, found, peak):
        """Of a Throughput, beside the device's Peak."""
        share = 100 * found.flops_per_second / peak.flops
        return cls(found.flops_per_second, share, found.images_per_second, found.spread, found.words(peak))


@dataclass(frozen=True)
class Machine:
    """A device, and who answers: answer(question in words, function that measures plain data) -> such data.

    Sizes for it are Sized.on(machine). A verdict is decided here from the answer, by the rule that decided how many
    rounds to measure.
    """

    device: torch.device
    answer: Callable = field(default=measured_now)

    @property
    def type(self):
        """ "cpu", "cuda" or "mps"."""
        return self.device.type

    def compare(self, first, second, margin, rule="gain", cap=60, alpha=NOMINAL_ALPHA):
        """As compare_costs."""

        def measure():
            found = compare_costs(first, second, margin, self.device, rule, cap, alpha)
            return {"costs": found.costs, "batches": found.batches, "machine": found.machine}

        found = self.answer(f"{first.title}, {first.batch}, against {second.title}, {second.batch}", measure)
        costs = [tuple(pair) for pair in found["costs"]]
        works = [replace(work, batch=batch) for work, batch in zip((first, second), found["batches"])]
        decision = RULES[rule](log_ratios(costs), math.log(margin), alpha, 0.0)
        return CostComparison(*works, costs, decision, rule, found["machine"])

    def peak(self):
        """As measured_peak, in float32."""
        return Peak(**self.answer("peak", lambda: asdict(measured_peak(self.device))))

    def rates(self, kinds, batch):
        """{name: FLOP/s} of kinds of layers (roofline.KINDS), forward, in float32."""
        rates = lambda: {name: layer.rate(name, batch, self.device) for name, layer in kinds.items()}
        return self.answer(f"rates of layers, {batch} images", rates)

    def kernels(self, work):
        """As kernel_names."""
        return self.answer(f"kernels of {work.name}", lambda: {"names": kernel_names(work, self.device)})["names"]

    def networks(self, rows):
        """({network: what its row Shows}, the machine in words)."""

        def measure():
            peak = measured_peak(self.device)
            shown = {row.network: asdict(Shown.of(throughput(row, self.device), peak)) for row in rows}
            return {"rows": shown, "machine": describe(self.device)}

        found = self.answer("; ".join(row.title for row in rows), measure)
        return {name: Shown(**row) for name, row in found["rows"].items()}, found["machine"]
