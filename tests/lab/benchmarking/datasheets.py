"""What makers say that their cards compute at most: dense products, no sparsity, in units of 10^12 FLOP/s."""

from fnmatch import fnmatchcase

import torch

FLOAT32, TF32, SIXTEEN_BITS = range(3)
# By torch's name of a whole card (a MIG part has another): float32, TF32, float16 or bfloat16 with sums in float32.
DATASHEETS = {
    "Tesla T4": (8.1, None, 65),  # NVIDIA T4 Tensor Core GPU, datasheet, 2019
    "Tesla V100-PCIE-*": (14, None, 112),  # NVIDIA Tesla V100, datasheet, 2018
    "Tesla V100-SXM2-*": (15.7, None, 125),  # the same
    "NVIDIA A10": (31.2, 62.5, 125),  # NVIDIA A10 Tensor Core GPU, datasheet, 2021
    "NVIDIA A100-????-[48]0GB": (19.5, 156, 312),  # NVIDIA A100 Tensor Core GPU, datasheet, 2021; SXM4 and PCIE
    "NVIDIA A100 80GB PCIe": (19.5, 156, 312),  # the same
    "NVIDIA L4": (30.3, 60, 121),  # NVIDIA L4 Tensor Core GPU, datasheet, 2023: half of what is told with sparsity
    "NVIDIA L40S": (91.6, 183, 362),  # NVIDIA L40S, datasheet, 2023
    "NVIDIA H100 PCIe": (51, 378, 756),  # NVIDIA H100 Tensor Core GPU, datasheet, 2022: half of that with sparsity
    "NVIDIA H100 80GB HBM3": (67, 494.5, 989.5),  # the same, SXM: half of 989 and 1,979
    "NVIDIA H200": (67, 494.5, 989.5),  # NVIDIA H200 Tensor Core GPU, datasheet, 2023: half of 989 and 1,979
    "NVIDIA GeForce RTX 3090": (35.6, 35.6, 71),  # NVIDIA Ampere GA102 GPU Architecture, whitepaper, 2020
    "NVIDIA GeForce RTX 4090": (82.6, 82.6, 165.2),  # NVIDIA Ada GPU Architecture, whitepaper, 2022
}


def datasheet_peak(name, mode):
    """FLOP/s of the card of this name (torch.cuda.get_device_name) in a Mode; None where no datasheet is known here.

    A mode that leaves TF32 to the library is measured by the TF32 of cards that have it: convolutions use it.
    """
    peaks = next((peaks for pattern, peaks in DATASHEETS.items() if fnmatchcase(name, pattern)), None)
    if peaks is None:
        return None
    if mode.dtype != torch.float32:
        return 1e12 * peaks[SIXTEEN_BITS]
    rounded = mode.tf32 is not False and peaks[TF32]
    return 1e12 * (rounded or peaks[FLOAT32])
