"""Which kernels a library chooses on a GPU: their names tell matrix products from Winograd's algorithm and an FFT."""

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, supported_activities

from lab.device import precision, wait


def kernel_names(work, device):
    """Names of the kernels that one step of a work runs on a CUDA device, in order.

    [] on another device, and where PyTorch's profiler finds no CUPTI, by which it sees them.
    """
    if device.type != "cuda" or ProfilerActivity.CUDA not in supported_activities():
        return []
    with precision(work.mode, device), torch.cuda.device(device):
        step = work.build(work.batch, device)
        step()  # cuDNN tries its algorithms
        wait(device)
        with profile(activities=[ProfilerActivity.CUDA]) as seen:
            step()
            wait(device)
    return [event.name for event in seen.events() if event.device_type == DeviceType.CUDA]
