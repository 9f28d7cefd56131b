"""Which device there is, and the sizes that suit it."""

from dataclasses import dataclass

import torch

from lab.errors import NeedsDevice


def torch_device(name):
    """The torch device of this name; "auto" is the best there is. Raises NeedsDevice where PyTorch finds none."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    best = next(one for one in found if found[one])
    if name != "auto" and not found[name]:
        raise NeedsDevice(f"--device {name}: PyTorch finds none on this machine; leave the option out for {best}")
    return torch.device(best if name == "auto" else name)


def all_like(device):
    """Every device of its kind in this machine: each CUDA device, or the one CPU."""
    return [torch.device("cuda", i) for i in range(torch.cuda.device_count())] if device.type == "cuda" else [device]


@dataclass(frozen=True)
class Sized:
    """A size for the CPU, where a benchmark must stay short, and one that keeps a GPU busy."""

    cpu: object
    cuda: object

    def on(self, device):
        return self.cuda if device.type == "cuda" else self.cpu
