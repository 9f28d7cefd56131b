"""A row of the table of costs, measured: images per second, latency, memory, power, and shares of what is possible."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from lab.benchmarking.datasheets import datasheet_peak
from lab.benchmarking.latency import percentiles, single_calls
from lab.benchmarking.memory import fitting, peak_bytes
from lab.benchmarking.published import published
from lab.benchmarking.rows import SUSTAINED, Row
from lab.benchmarking.timing import Rounds, Timing, conditions, measure
from lab.benchmarking.workloads import multiply_adds, network_step, numbers_moved
from lab.device import MODES, describe, precision, steady
from lab.device.monitor import monitored


@dataclass(frozen=True)
class Throughput:
    """One network measured: `batch` is what fitted of the row's, `multiply_adds` those of a step."""

    row: Row
    batch: int
    timing: Timing
    bytes: int
    multiply_adds: int
    step: Callable[[], object] = field(repr=False)
    single: tuple[float, ...] = ()  # seconds of single calls, of a batch of 1

    @property
    def seconds(self):
        """Of a step: the median of the rounds, and of a sustained minute their mean, in which slow ones count."""
        return statistics.mean(self.timing.seconds) if self.row.sustained else self.timing.median

    @property
    def images_per_second(self):
        return self.batch / self.seconds

    @property
    def flops_per_second(self):
        """Two for a multiply-add."""
        return 2 * self.multiply_adds / self.seconds

    @property
    def spread(self):
        """Images per second, (lower, upper) quartile of the rounds."""
        lower, upper = self.timing.quartiles
        return self.batch / upper, self.batch / lower

    @property
    def halved(self):
        return f" (out of memory at {self.row.batch})" if self.batch < self.row.batch else ""

    @property
    def intensity(self):
        """FLOPs for each byte that a forward pass moves at least; None for training, whose traffic isn't counted."""
        if self.row.training:
            return None
        maps, weights = numbers_moved(self.row.network, self.row.side)
        moved = (self.batch * maps + weights) * MODES[self.row.mode].dtype.itemsize
        return 2 * self.multiply_adds / moved

    def as_row(self, device, peak):
        """Plain data, as evidence.json keeps it (schema.json says what each is); peak: the measured one, its mode's."""
        told, watts = describe(device), self.timing.samples.watts
        sheet = datasheet_peak(torch.cuda.get_device_name(device), self.mode) if device.type == "cuda" else None
        latency = {f"p{at}": 1000 * taken for at, taken in percentiles(self.single).items()} if self.single else {}
        return {
            "network": self.row.network,
            "side": self.row.side,
            "mode": self.row.mode,
            "batch": self.batch,
            "asked": self.row.batch,
            "pass": self.row.passes,
            "sustained": self.row.sustained,
            "images_per_second": self.images_per_second,
            "milliseconds": 1000 * self.seconds,
            "rounds": len(self.timing.seconds),
            "p50": None,
            "p90": None,
            "p99": None,
            **latency,
            "single_calls": len(self.single),
            "peak_MiB": self.bytes / 2**20,
            "flops_per_second": self.flops_per_second,
            "peak_flops": peak.flops,
            "peak_bandwidth": peak.bandwidth,
            "datasheet_flops": sheet,
            "intensity": self.intensity,
            "images_per_joule": self.images_per_second / watts if watts else None,
            "device": told["device"],
            "driver": told["driver"],
            "clocks": told["clocks"],
            "conditions": "; ".join(f"{what}: {found}" for what, found in self.timing.conditions.items()),
            "published": published(self.row),
        }

    @property
    def mode(self):
        return MODES[self.row.mode]

    def words(self, peak):
        """One line of a table, with the share of the device's measured peak (lab.benchmarking.roofline)."""
        lower, upper = self.timing.quartiles
        return (
            f"batch {self.batch}{self.halved}: {self.images_per_second:.4g} images/s, "
            f"{1000 * self.timing.median:.3g} ms ({1000 * lower:.3g} to {1000 * upper:.3g}), "
            f"{self.bytes / 2**20:.3g} MiB, {self.flops_per_second / peak.flops:.0%} of peak"
        )


def throughput(row, device, rounds=5):
    """Throughput of a row; a batch that doesn't fit is halved until it does, and the result says so.

    Raises NeedsDevice where the device doesn't have the mode.
    """
    mode = MODES[row.mode]

    def run(batch):
        step, resident = network_step(row.network, batch, device, row.side, mode, row.training)
        timing = sustained(step, device) if row.sustained else measure(step, device, rounds)
        single = tuple(single_calls(step, device)) if batch == 1 else ()
        return timing, peak_bytes(step, device, *resident), step, single

    with precision(mode, device):
        (timing, memory, step, single), fitted = fitting(row.batch, run)
    products = fitted * multiply_adds(row.network, row.side, row.training)
    return Throughput(row, fitted, timing, memory, products, step, single)


def sustained(step, device):
    """Timing of `step` in rounds without a pause for SUSTAINED seconds, in which a card gets hot."""
    with steady(device):
        taken = Rounds(step, device)
        with monitored(device) as samples:
            while taken.calls * sum(taken.seconds) < SUSTAINED:
                taken.take()
    return Timing(taken.seconds, conditions([taken], samples, device), samples)
