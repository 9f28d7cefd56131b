"""What a GPU's own sensors say while work runs on it: clocks, what holds them down, heat, power, reserved memory.

Read through NVML by nvidia-ml-py, which is optional: without it nothing is sampled, and `missing` says so.
Source of all meanings: NVML API Reference, "Device Queries" and "NvmlClocksEventReasons".
"""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from statistics import mean

import torch

PERIOD = 0.05  # s between samples, as long as a round
COUNTER_SECONDS = 1.0  # s from which on the energy counter tells watts: GPUs renew it some ten times a second
HELD_DOWN = {  # what keeps clocks lower than they could be; that a GPU is idle (bit 1) isn't among it
    0x2: "application clocks set",
    0x4: "power limit",
    0x8: "hardware slowdown",
    0x10: "sync boost with other GPUs",
    0x20: "heat, by the driver",
    0x40: "heat, by the hardware",
    0x80: "power brake",
    0x100: "display clocks set",
}


@dataclass(frozen=True)
class Sample:
    """One reading; None for what this GPU doesn't tell."""

    clock: int | None  # MHz, of the multiprocessors
    held_down: int | None  # bits of HELD_DOWN
    celsius: int | None
    watts: float | None  # on Ampere and later, but for the A100, a mean over the last second
    reserved: int  # bytes that PyTorch's allocator holds, in use or not


@dataclass
class Samples:
    """Readings of a device while work ran on it; `missing` says why there are none, and is "" where there are."""

    missing: str = ""
    taken: list[Sample] = field(default_factory=list)
    joules: float | None = None  # by the GPU's own counter, from Volta on
    seconds: float = 0.0

    def of(self, name):
        """All readings of one of Sample's fields."""
        return [getattr(one, name) for one in self.taken if getattr(one, name) is not None]

    def too_short(self, seconds):
        """Whether the energy counter tells nothing yet of work that took so long; no, where there is none to ask."""
        return not self.missing and seconds < COUNTER_SECONDS

    @property
    def watts(self):
        """Mean power, by the energy counter if it ran for long enough; None where not known."""
        if self.joules is not None and self.seconds >= COUNTER_SECONDS:
            return self.joules / self.seconds
        return mean(self.of("watts")) if self.of("watts") else None

    @property
    def lowest_clock(self):
        """MHz; None where not known."""
        return min(self.of("clock"), default=None)

    @property
    def hottest(self):
        """Degrees Celsius; None where not known."""
        return max(self.of("celsius"), default=None)

    @property
    def most_reserved(self):
        """Bytes; None where not known."""
        return max(self.of("reserved"), default=None)

    @property
    def held_down(self):
        """What kept the clocks down in any sample, in words; [] if nothing did, or is known to have."""
        return [words for bit, words in HELD_DOWN.items() if any(bit & bits for bits in self.of("held_down"))]

    def words(self):
        """One line for a row of evidence."""
        if self.missing:
            return self.missing
        held_down = f"held down by {', '.join(self.held_down)}" if self.held_down else "not held down"
        told = {
            f"SM clock at least {self.lowest_clock} MHz": self.lowest_clock,
            held_down: self.of("held_down") or None,
            f"at most {self.hottest} °C": self.hottest,
            f"{self.watts or 0:.0f} W": self.watts,
            f"{(self.most_reserved or 0) / 2**20:.0f} MiB reserved": self.most_reserved,
        }
        return ", ".join(words for words, known in told.items() if known is not None)


@contextmanager
def monitored(device, nvml=None):
    """Samples of `device` while inside, by a thread; nvml: in the place of nvidia-ml-py's module."""
    try:
        sensors = Sensors(device, nvml)
    except NoSensors as error:
        yield Samples(missing=str(error))
        return
    samples, ended = Samples(), threading.Event()

    def sample():
        while not ended.wait(PERIOD):
            samples.taken.append(sensors.read())

    watching = threading.Thread(target=sample, daemon=True)
    began, joules = time.perf_counter(), sensors.joules()
    watching.start()
    try:
        yield samples
    finally:
        ended.set()
        watching.join()
        samples.taken += [] if samples.taken else [sensors.read()]
        samples.seconds, now = time.perf_counter() - began, sensors.joules()
        samples.joules = None if joules is None or now is None else now - joules


class NoSensors(Exception):
    """There is nothing to read; the message says why, and what would help."""


class Sensors:
    """One GPU's sensors, found by the GPU's own name: NVML numbers GPUs in another way than CUDA. Raises NoSensors."""

    def __init__(self, device, nvml=None):
        if device.type != "cuda":
            raise NoSensors("not sampled: only NVIDIA GPUs tell clocks, heat and power")
        try:
            self.nvml, self.device = nvml or import_module("pynvml"), device
        except ImportError:
            raise NoSensors("not sampled: pip install nvidia-ml-py") from None
        try:
            self.nvml.nvmlInit()
            self.handle = self.nvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
        except self.nvml.NVMLError as error:
            raise NoSensors(f"not sampled: NVML says {error}") from None

    def read(self):
        """A Sample."""
        milliwatts = self._ask("nvmlDeviceGetPowerUsage")
        bits = self._ask("nvmlDeviceGetCurrentClocksEventReasons")  # since driver 535; by the older name before
        return Sample(
            clock=self._ask("nvmlDeviceGetClockInfo", self.nvml.NVML_CLOCK_SM),
            held_down=self._ask("nvmlDeviceGetCurrentClocksThrottleReasons") if bits is None else bits,
            celsius=self._ask("nvmlDeviceGetTemperature", self.nvml.NVML_TEMPERATURE_GPU),
            watts=None if milliwatts is None else milliwatts / 1000,
            reserved=torch.cuda.memory_reserved(self.device),
        )

    def joules(self):
        """By the GPU's counter since its driver was loaded; None before Volta."""
        millijoules = self._ask("nvmlDeviceGetTotalEnergyConsumption")
        return None if millijoules is None else millijoules / 1000

    def _ask(self, name, *options):
        try:
            return getattr(self.nvml, name)(self.handle, *options)
        except (AttributeError, self.nvml.NVMLError):
            return None
