"""How a device says that its memory ran out, or nearly did. lab.benchmarking.memory tells how much a step takes."""

import torch


def is_out_of_memory(error):
    """Whether an error of PyTorch's, or Python's own, says that memory ran out."""
    words = (
        "out of memory",
        "ALLOC_FAILED",
        "unable to find an engine",  # CUDA and mps; cuBLAS; cuDNN
        "can't allocate memory",
        "not enough memory",
    )  # the CPU on Linux; on Windows
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(word in str(error) for word in words)


def allocation_retries(device):
    """How often, so far, CUDA's allocator had no room until it freed what it kept for later; 0 of other devices."""
    return torch.cuda.memory_stats(device).get("num_alloc_retries", 0) if device.type == "cuda" else 0
