"""A stand-in for CUDA where there is none: networks of real sizes run on it, and nothing is computed.

PyTorch's own fake CUDA tensors go no further than the forward pass on such a machine: its autograd engine asks for a
context of CUDA's (github.com/pytorch/pytorch/issues/92627). So what asks for "cuda" gets PyTorch's meta device, where a
tensor has a shape and no numbers and gradients work, and what CUDA refuses is refused here: an operation on tensors of
two devices, more bytes than the card has, and tensors of more elements than 32 bits count.
"""
import weakref
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from selfcheck.benchmarking.simulated.kernels import kernels, tensors

aten = torch.ops.aten
MOST_ELEMENTS = 2**31 - 1       # of a tensor: many kernels count in 32 bits
COPIES = {aten.copy_.default, aten._to_copy.default}
RANDOM = {aten.uniform_.default, aten.normal_.default}
PRODUCTS = {F.conv2d, F.conv_transpose2d, F.linear, F.scaled_dot_product_attention, torch.matmul, torch.bmm,
            torch.Tensor.matmul, torch.Tensor.__matmul__}       # what our networks are made of: autocast's "lower" list


class TooManyElements(RuntimeError):
    """A tensor has more elements than 32 bits count."""


class OnTheCard(TorchFunctionMode):
    """What asks for "cuda" gets the meta device; under autocast for "cuda", products are in its numbers."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if "device" in kwargs:
            kwargs["device"] = _meta_for_cuda(kwargs["device"])
        if function is torch.Tensor.to:
            args = tuple(_meta_for_cuda(value) for value in args)
        if function in PRODUCTS and torch.is_autocast_enabled("cuda"):
            args, kwargs = tree_map_only(torch.Tensor, _autocast, (args, kwargs))
        return function(*args, **kwargs)


def _meta_for_cuda(value):
    is_cuda = isinstance(value, torch.device | str) and str(value).startswith("cuda")
    return torch.device("meta") if is_cuda else value


def _autocast(tensor):
    wanted = tensor.is_meta and tensor.dtype == torch.float32
    return tensor.to(torch.get_autocast_dtype("cuda")) if wanted else tensor


class Memory:
    """Bytes alive now, the most at once since `peak` was last set, and the largest tensor's number of elements."""

    def __init__(self):
        self.alive, self.bytes, self.peak, self.largest = set(), 0, 0, 0

    def meet(self, tensor):
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key not in self.alive:
            self.alive.add(key)
            self.bytes += size
            weakref.finalize(storage, self._part, key, size)
        self.largest = max(self.largest, tensor.numel())
        self.reach(self.bytes)

    def reach(self, size):
        self.peak = max(self.peak, size)

    def _part(self, key, size):
        self.alive.discard(key)
        self.bytes -= size


class Launches(TorchDispatchMode):
    """Which kernels are launched on the card while inside, and what they take of its memory."""

    def __init__(self):
        super().__init__()
        self.memory, self._kept = Memory(), None

    def of(self, step):
        """The kernels of one call of `step`."""
        self._kept = kept = []
        try:
            step()
        finally:
            self._kept = None
        return kept

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if operation in RANDOM:
            return args[0]      # numbers change no shape, and those of weights take time
        refuse_two_devices(operation, tensors((args, kwargs)))
        if operation == aten._local_scalar_dense.default and args[0].is_meta:
            return 0            # what the host reads from the card: that no gradient overflowed in float16
        result = operation(*args, **kwargs)
        made = tensors(result)
        if any(tensor.is_meta for tensor in made):
            if self._kept is not None:
                self._kept += kernels(operation, args, kwargs, result)
            for tensor in made:
                self.memory.meet(tensor)
                if tensor.numel() > MOST_ELEMENTS:
                    raise TooManyElements(f"{operation} makes {tuple(tensor.shape)}: take a smaller batch")
        return result


def refuse_two_devices(operation, given):
    """Numbers of the host, of no dimension, may stand among a card's tensors, and copies go from one to the other."""
    if operation not in COPIES and len({tensor.is_meta for tensor in given if tensor.dim()}) == 2:
        raise RuntimeError(f"expected all tensors on the same device, but {operation} got some on cuda, some on cpu")


@contextmanager
def simulated_cuda(patch):
    """Inside, PyTorch finds one CUDA device. patch: a MonkeyPatch. Yields (Launches, function that sets the Card)."""
    launches, properties = Launches(), SimpleNamespace(uuid="simulated")

    def be(card):
        properties.name, properties.total_memory = f"simulated {card.name}", card.memory
        properties.major, properties.minor = card.capability

    def forget_peak(device=None):
        launches.memory.peak = launches.memory.bytes

    for name, stand_in in {
        "init": lambda: None,
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "get_arch_list": lambda: [f"sm_{properties.major}{properties.minor}"],
        "get_device_name": lambda device=None: properties.name,
        "get_device_properties": lambda device=None: properties,
        "get_device_capability": lambda device=None: (properties.major, properties.minor),
        "is_bf16_supported": lambda *_: properties.major >= 8,
        "device": nullcontext,
        "synchronize": lambda device=None: None,
        "empty_cache": lambda: None,
        "reset_peak_memory_stats": forget_peak,
        "max_memory_allocated": lambda device=None: launches.memory.peak,
        "memory_stats": lambda device=None: {"num_alloc_retries": 0},
    }.items():
        patch.setattr(torch.cuda, name, stand_in)
    patch.setattr(torch.nn.init, "trunc_normal_", lambda weights, *_, **__: weights)    # draws until all are in a range
    with OnTheCard(), launches:
        yield launches, be
