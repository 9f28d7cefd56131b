"""How a network is run: the precision of its products, its memory layout, compiled, or replayed as one graph."""

import shutil
import sysconfig
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import torch

from lab.errors import NeedsDevice


@dataclass(frozen=True)
class Mode:
    """How a network is run."""

    name: str
    tf32: bool | None = False  # float32 products on CUDA rounded to 10 bits of mantissa; None: all as PyTorch ships
    autocast_to: torch.dtype | None = None  # products in it, sums and normalisation in float32
    channels_last: bool = False  # (N, C, H, W) tensors kept in memory as N, H, W, C
    compiled: bool = False  # torch.compile
    graph: bool = False  # the step's kernels recorded once, and started again by one call

    @property
    def memory_format(self):
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def dtype(self):
        """In which the products' factors are stored."""
        return self.autocast_to or torch.float32

    def autocast(self, device):
        """For the forward pass of each step, which casts the weights anew."""
        return torch.autocast(device.type, self.autocast_to) if self.autocast_to else nullcontext()

    def scaler(self, device):
        """For the backward pass: in float16 small gradients would be 0, so the loss is scaled up, and they down."""
        return torch.amp.GradScaler(device.type, enabled=self.autocast_to == torch.float16)


MODES = {
    mode.name: mode
    for mode in [
        Mode("library default", tf32=None),  # TF32 in convolutions alone; cuDNN's guess of the fastest algorithm
        Mode("float32"),
        Mode("TF32", tf32=True),
        Mode("channels_last", channels_last=True),
        Mode("fp16 autocast", autocast_to=torch.float16),
        Mode("bf16 autocast", autocast_to=torch.bfloat16),
        Mode("bf16 autocast, channels_last", autocast_to=torch.bfloat16, channels_last=True),
        Mode("torch.compile", compiled=True),
        Mode("bf16, channels_last, compiled", autocast_to=torch.bfloat16, channels_last=True, compiled=True),
        Mode("CUDA graph", graph=True),
    ]
}


def before_ampere(device):
    """Whether it is a GPU of a compute capability before 8.0, which has neither bfloat16 nor TF32."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device) < (8, 0)


def available(name, device):
    """The mode of this name; in the place of bfloat16 float16, on a GPU that lacks it."""
    mode = MODES[name]
    if before_ampere(device) and mode.autocast_to == torch.bfloat16:
        return replace(mode, name=name.replace("bf16", "fp16"), autocast_to=torch.float16)
    return mode


@contextmanager
def precision(mode, device):
    """Float32 products in this mode's way while inside. Raises NeedsDevice where the device doesn't have the mode."""
    if missing := _missing(mode, device):
        raise NeedsDevice(missing)
    if mode.tf32 is None:
        yield
        return
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    with ExitStack() as stack:
        stack.callback(setattr, products, "allow_tf32", products.allow_tf32)
        products.allow_tf32 = mode.tf32
        stack.enter_context(convolutions.flags(enabled=True, benchmark=True, allow_tf32=mode.tf32))
        yield


def _missing(mode, device):
    """Why the device doesn't have the mode, and what would; "" where it does."""
    cuda = device.type == "cuda"
    if mode.graph and not cuda:
        return f"{mode.name} is of CUDA devices alone: choose one by --device=cuda"
    least = (8, 0) if mode.tf32 or mode.autocast_to == torch.bfloat16 else (7, 0) if mode.compiled else (0, 0)
    if cuda and torch.cuda.get_device_capability(device) < least:
        return f"{mode.name} needs a GPU of compute capability {least[0]}.0 or later: run on a newer one"
    if mode.compiled and cuda and not find_spec("triton"):
        return "torch.compile on CUDA needs Triton: pip install triton"
    if mode.compiled and not any(map(shutil.which, ("gcc", "clang") if cuda else ("g++", "clang++"))):
        return "torch.compile needs a compiler: install g++ or clang"
    if mode.compiled and not Path(_headers(), "Python.h").exists():
        return f"torch.compile needs Python's headers, and {_headers()} has none: install python3-dev"
    return ""


def _headers():
    """The folder in which Triton and PyTorch's compiler look for Python.h: Debian's scheme of its own hides it."""
    scheme = sysconfig.get_default_scheme()
    return sysconfig.get_path("include", "posix_prefix" if scheme == "posix_local" else scheme)


def as_graph(step, device):
    """The step as one CUDA graph: called again it starts all of its kernels at once, on the same memory.

    Kernels and memory are those of the step's last call, so its first ones, in which cuDNN tries algorithms, come
    before, on a stream of their own, as capture asks for. Source: docs.pytorch.org, "CUDA semantics", CUDA graphs.
    """
    present, own = torch.cuda.current_stream(device), torch.cuda.Stream(device)
    own.wait_stream(present)
    with torch.cuda.stream(own):
        for _ in range(3):
            step()
    present.wait_stream(own)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
