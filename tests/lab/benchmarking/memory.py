"""How much of the device's memory a step takes, and what to do when there isn't enough."""

import gc
import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lab.device import is_out_of_memory, wait
from lab.errors import LabError


class TooLarge(LabError):
    """Not even one image fits into the device's memory."""


def peak_bytes(step, device, *resident):
    """Most bytes in use on the device during one call of `step`.

    CUDA: what PyTorch's allocator has handed out, workspaces included. Elsewhere: the tensors alive at once that
    PyTorch operations made, plus the `resident` ones (parameters, inputs), which were there before.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        step()
        wait(device)
        return torch.cuda.max_memory_allocated(device)
    with _LiveBytes(resident) as live:
        step()
    return live.peak


class _LiveBytes(TorchDispatchMode):
    """Adds up the storages that operations make, and takes each off when its last tensor has gone."""

    def __init__(self, resident):
        super().__init__()
        self.known, self.now, self.peak = set(), 0, 0
        self._meet(resident)

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        self._meet(result)
        return result

    def _meet(self, tensors):
        for storage in (leaf.untyped_storage() for leaf in tree_leaves(tensors) if isinstance(leaf, torch.Tensor)):
            key = storage._cdata  # the same for every tensor on this storage
            if key not in self.known:
                self.known.add(key)
                self.now += storage.nbytes()
                weakref.finalize(storage, self._part, key, storage.nbytes())
        self.peak = max(self.peak, self.now)

    def _part(self, key, size):
        self.known.discard(key)
        self.now -= size


def fitting(batch, run):
    """(what `run(b)` returns, b): b is `batch`, halved as often as the device runs out of memory.

    Raises TooLarge when one image is too much.
    """
    while True:
        try:
            return run(batch), batch
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if batch == 1:
            raise TooLarge(f"one image is too much for the device ({reason}): close others, or take smaller images")
        gc.collect()
        for backend, there in (torch.cuda, torch.cuda.is_available()), (torch.mps, torch.backends.mps.is_available()):
            if there:
                backend.empty_cache()
        batch //= 2
