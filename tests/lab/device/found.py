"""Which device there is, and the sizes that suit it."""

from dataclasses import dataclass

import torch

from lab.device.cuda import lacking, refusal
from lab.errors import NeedsDevice


def torch_device(name):
    """The torch device of this name; "auto" is CUDA where PyTorch has one that it can use, or else the CPU.

    mps has to be asked for: on it measurements are of the CPU's sizes, and nobody has tried their margins there. Raises
    NeedsDevice where the device can't be had.
    """
    if name == "mps" and not torch.backends.mps.is_available():
        raise NeedsDevice("--device mps: PyTorch finds none on this machine; leave the option out for cpu")
    if name == "cuda" and refusal():
        raise NeedsDevice(f"--device cuda: PyTorch has none to use: {refusal()}; or leave the option out for cpu")
    return torch.device(name if name != "auto" else "cpu" if refusal() else "cuda")


def all_like(device):
    """Every device of its kind that runs kernels: each such CUDA device of this machine, or the one CPU."""
    every = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    return [one for one in every if not lacking(one)] if device.type == "cuda" else [device]


@dataclass(frozen=True)
class Sized:
    """A size for the CPU, where a benchmark must stay short, and one that keeps a CUDA device busy."""

    cpu: object
    cuda: object

    def on(self, device):
        return self.cuda if device.type == "cuda" else self.cpu
