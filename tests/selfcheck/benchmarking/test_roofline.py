"""Is the roof measured, and do the layers lie under it?"""
from contextlib import suppress

import pytest
import torch

from benchmarks import test_cost as cost
from lab.benchmarking.machine import Machine
from lab.benchmarking.roofline import KINDS, AsMatrixProduct, Peak, layer_work, measured_peak
from lab.benchmarking.timing import Timing, measure
from lab.claims.evidence import Evidence
from lab.counting.multiply_adds import count_multiply_adds
from lab.device import Sized

CPU = torch.device("cpu")


def test_the_peak_is_measured(monkeypatch):
    """A device that is twice as slow has half the peak: the number is not looked up."""
    measured_peak.cache_clear()
    monkeypatch.setattr("lab.benchmarking.roofline.PRODUCT_SIDES", {"cpu": (256,)})
    monkeypatch.setattr("lab.benchmarking.roofline.COPY_BYTES", {"cpu": 2**22})
    peak = measured_peak(CPU)
    measured_peak.cache_clear()
    monkeypatch.setattr("lab.benchmarking.roofline.measure",
                        lambda *arguments: Timing([2 * s for s in measure(*arguments).seconds]))
    slower = measured_peak(CPU)
    measured_peak.cache_clear()

    assert slower.flops == pytest.approx(peak.flops / 2, rel=0.4)
    assert slower.bandwidth == pytest.approx(peak.bandwidth / 2, rel=0.4)


def test_a_peak_counts_two_flops_a_multiply_add_and_bytes_both_ways(monkeypatch, small_peak):
    monkeypatch.setattr("lab.benchmarking.timing.seconds", lambda step, device: 0.004)
    monkeypatch.setattr("lab.benchmarking.roofline.COPY_BYTES", {"cpu": 2**16})
    peak = measured_peak(CPU)

    assert peak.flops == 2 * 256**3 / 0.004
    assert peak.bandwidth == (2**16 + 2**16) / 0.004        # read and written


def test_the_roof_is_the_lower_of_memory_and_arithmetic():
    peak = Peak(flops=100e9, bandwidth=20e9)

    assert peak.ridge == 5
    assert [peak.roof(intensity) for intensity in (1, 5, 50)] == [20e9, 100e9, 100e9]


@pytest.mark.parametrize("unit, amount", [
    ("10^9 multiply-adds", 9 * 256 * 256 * 28**2 / 1e9), ("image", 1), ("megapixel", 28**2 / 1e6)])
def test_a_layers_work_is_counted_in_its_unit(unit, amount):
    kind = KINDS["3x3 convolution"]
    work = layer_work("3x3", kind.build, kind.shapes, 5, unit)

    assert (work.unit, work.amount, work.batch) == (unit, amount, 5)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_a_matrix_product_is_the_convolution(kernel):
    """The same weights, maps and count; no library is asked for a convolution."""
    product, convolution = AsMatrixProduct(kernel, 3, 7), torch.nn.Conv2d(3, 7, kernel, padding=kernel // 2, bias=False)
    convolution.load_state_dict({"weight": product.weight.view_as(convolution.weight)})
    maps = torch.rand(2, 3, 11, 13)

    torch.testing.assert_close(product(maps), convolution(maps))
    assert count_multiply_adds(product, maps) == count_multiply_adds(convolution, maps)


def test_the_roofline_lies_over_peaks_of_this_run(small_peak):
    properties = []
    test = cost.test_memory_is_the_roof_of_a_depthwise_convolution
    with suppress(AssertionError):      # one image lies in the CPU's caches: whether memory is its roof is left open
        test("depthwise 3x3 convolution", "memory", "arithmetic", Machine(CPU), Evidence(properties), Sized(1, None))
    roofline = next(value for name, value in properties if name == "figure")

    assert roofline["kind"] == "roofline"
    assert Peak(roofline["peak_flops"], roofline["peak_bandwidth"]) == measured_peak(CPU)
    assert [point["label"] for point in roofline["points"]] == list(KINDS)
