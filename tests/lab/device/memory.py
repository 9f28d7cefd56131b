"""How a device says that its memory ran out; how much a step takes is lab.benchmarking.memory's to tell."""

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
