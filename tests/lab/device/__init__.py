"""What depends on the device: which there is, its clock, its precision modes, its memory, and what it is in words."""

from lab.device.clock import WAKE_UP, one_thread, seconds, steady, wait
from lab.device.cuda import NO_CARD, refusal
from lab.device.description import cpu, describe
from lab.device.found import Sized, all_like, torch_device
from lab.device.memory import allocation_retries, is_out_of_memory
from lab.device.modes import MODES, Mode, as_graph, available, before_ampere, precision

__all__ = [
    "MODES",
    "NO_CARD",
    "WAKE_UP",
    "Mode",
    "Sized",
    "all_like",
    "allocation_retries",
    "as_graph",
    "available",
    "before_ampere",
    "cpu",
    "describe",
    "is_out_of_memory",
    "one_thread",
    "precision",
    "refusal",
    "seconds",
    "steady",
    "torch_device",
    "wait",
]
