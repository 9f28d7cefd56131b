"""Which datasheet's figure a row is compared with."""
import pytest

from lab.benchmarking.datasheets import datasheet_peak
from lab.device import MODES


@pytest.mark.parametrize("card, mode, tera", [
    ("Tesla T4", "float32", 8.1), ("Tesla T4", "library default", 8.1), ("Tesla T4", "fp16 autocast", 65),
    ("NVIDIA A100-SXM4-40GB", "float32", 19.5), ("NVIDIA A100-SXM4-40GB", "library default", 156),
    ("NVIDIA A100 80GB PCIe", "TF32", 156), ("NVIDIA A100-SXM4-80GB", "bf16, channels_last, compiled", 312),
    ("NVIDIA H100 80GB HBM3", "bf16 autocast", 989.5), ("NVIDIA H100 80GB HBM3", "CUDA graph", 67),
])
def test_a_row_is_compared_with_its_modes_peak(card, mode, tera):
    assert datasheet_peak(card, MODES[mode]) == pytest.approx(1e12 * tera)


@pytest.mark.parametrize("card", [
    "NVIDIA A10G", "NVIDIA A100-SXM4-40GB MIG 1g.5gb",
    "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA H100 NVL", "a GPU"])
def test_a_card_without_a_known_datasheet_has_none(card):
    assert datasheet_peak(card, MODES["float32"]) is None
