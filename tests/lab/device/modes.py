"""How a network is run: the precision of its products, its memory layout, compiled or not."""

import shutil
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec

import torch

from lab.errors import NeedsDevice


@dataclass(frozen=True)
class Mode:
    """How a network is run."""

    name: str
    tf32: bool = False  # float32 products on CUDA rounded to 10 bits of mantissa
    bf16: bool = False  # autocast: products in bfloat16, sums and normalisation in float32
    channels_last: bool = False  # (N, C, H, W) tensors kept in memory as N, H, W, C
    compiled: bool = False  # torch.compile

    @property
    def memory_format(self):
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def autocast(self, device):
        """For the forward pass of each step, which casts the weights anew."""
        return torch.autocast(device.type, torch.bfloat16) if self.bf16 else nullcontext()


MODES = {
    mode.name: mode
    for mode in [
        Mode("float32"),
        Mode("TF32", tf32=True),
        Mode("channels_last", channels_last=True),
        Mode("bf16 autocast", bf16=True),
        Mode("bf16 autocast, channels_last", bf16=True, channels_last=True),
        Mode("torch.compile", compiled=True),
    ]
}


@contextmanager
def precision(mode, device):
    """Float32 products in this mode's way while inside. Raises NeedsDevice where the device doesn't have the mode."""
    least = (8, 0) if mode.tf32 or mode.bf16 else (7, 0) if mode.compiled else (0, 0)
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < least:
        raise NeedsDevice(f"{mode.name} needs a GPU of compute capability {least[0]}.0 or later: run on a newer one")
    if mode.compiled and device.type == "cuda" and not find_spec("triton"):
        raise NeedsDevice("torch.compile on CUDA needs Triton: pip install triton")
    if mode.compiled and not any(map(shutil.which, ("gcc", "clang") if device.type == "cuda" else ("g++", "clang++"))):
        raise NeedsDevice("torch.compile needs a compiler: install g++ or clang")
    before = torch.backends.cuda.matmul.allow_tf32
    with ExitStack() as stack:
        stack.callback(setattr, torch.backends.cuda.matmul, "allow_tf32", before)
        torch.backends.cuda.matmul.allow_tf32 = mode.tf32
        stack.enter_context(torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=mode.tf32))
        yield
