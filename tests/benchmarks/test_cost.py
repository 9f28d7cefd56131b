"""The folklore of cost, as paired comparisons on one device: what a multiply-add, an image or a pixel costs.

Proportional means: a multiply-add costs the same in both. `margin` is the smallest ratio of costs that is called a
difference. Rounds of both works in turns are added until the sequential rule decides
(lab.benchmarking.cost_comparison). All run on any device, in float32: on CUDA at its sizes, elsewhere small (on the
CPU one thread, its own seconds).
"""
import pytest

from lab.benchmarking.cost_comparison import compare_costs
from lab.benchmarking.roofline import KINDS, MAP, convolution, convolutions, layer_work, measured_peak
from lab.benchmarking.workloads import network_work
from lab.claims import claim, counterexample
from lab.device import Sized

pytestmark = pytest.mark.benchmark


@claim("fewer-flops-less-time")
@pytest.mark.parametrize("fewer, more, batches, side", [
    pytest.param("MobileNetV2", "ResNet-18", Sized((8, 8), (128, 128)), Sized(64, 224),
                 id="MobileNetV2 against ResNet-18"),
    pytest.param("ResNet-152", "VGG-16", Sized((1, 1), (64, 64)), Sized(224, 224), id="ResNet-152 against VGG-16",
                 marks=pytest.mark.gpu),    # some seconds a round on a CPU
    pytest.param("LeNet", "LeNet", Sized((128, 256), (2**14, 2**15)), Sized(32, 32), id="half the images",
                 marks=counterexample("half the images of one network are half the FLOPs and half the time")),
])
def test_fewer_flops_do_not_save_time_in_proportion(fewer, more, batches, side, device, evidence):
    """A network of fewer FLOPs takes more time than they say: a multiply-add costs it at least 1.25 times as much."""
    first, second = (network_work(name, batch, device, side=side.on(device))
                     for name, batch in zip((fewer, more), batches.on(device)))
    cost = compare_costs(first, second, margin=1.25, device=device)
    evidence.measured("cost of a multiply-add, fewer FLOPs over more", cost.ratio, convention="1 would be proportional")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("grouped-convolution-share-of-peak")
@pytest.mark.parametrize("build", [
    pytest.param(convolution(3, groups=256), id="depthwise"),
    pytest.param(convolution(3, groups=32), id="32 groups"),
    pytest.param(convolution(3, widths=(256, 128)), id="half the filters",
                 marks=counterexample("an ordinary convolution with fewer filters keeps the hardware as busy")),
])
def test_grouped_convolutions_reach_a_smaller_share_of_the_peak(build, device, evidence, batches=Sized(2, 256)):
    """A grouped or depthwise 3x3 convolution reaches a smaller share of the measured peak than an ordinary one."""
    grouped, ordinary = (layer_work(name, layer, MAP, batches.on(device), device)
                         for name, layer in [("grouped", build), ("ordinary", convolution(3))])
    cost = compare_costs(grouped, ordinary, margin=1.25, device=device)
    for work, costs in zip((grouped, ordinary), zip(*cost.costs)):
        share = 100 * 2e9 / min(costs) / measured_peak(device).flops       # 2 FLOPs a multiply-add; costs: s for 10^9
        evidence.measured(f"share of the measured peak, {work.name}", share, unit="%")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("grouped-convolution-share-of-peak")
@pytest.mark.parametrize("kind", [
    pytest.param("depthwise 3x3 convolution", id="depthwise"),
    pytest.param("3x3 convolution", id="ordinary",
                 marks=counterexample("an ordinary 3x3 convolution does enough for each byte")),
])
def test_memory_is_the_roof_of_a_depthwise_convolution(kind, device, evidence, batches=Sized(2, 256)):
    """A depthwise convolution does too few FLOPs for each byte to reach the peak: memory is its roof."""
    batch = batches.on(device)
    peak, intensity, points = measured_peak(device), KINDS[kind].intensity(batch), []
    for name, layer in KINDS.items():
        work = layer_work(name, layer.build, layer.shapes, batch, device)
        rate = 2e9 * batch * work.amount / work.measured(device).median
        points.append({"label": name, "x": layer.intensity(batch), "y": rate})
    evidence.measured("FLOPs for each byte moved", intensity, convention="float32; input, weights and output once each")
    evidence.measured("FLOPs for each byte at the ridge", peak.ridge, convention="measured FLOP/s over measured byte/s")
    evidence.measured("peak, by a matrix product in float32", peak.flops / 1e9, unit="GFLOP/s")
    evidence.measured("peak, by a copy, bytes read and written", peak.bandwidth / 1e9, unit="GB/s")
    evidence.figure("roofline", "Layers under the roof that was measured in this run",
                    peak_flops=peak.flops, peak_bandwidth=peak.bandwidth, points=points)

    assert intensity < peak.ridge


@claim("two-3x3-faster-than-5x5")
@pytest.mark.parametrize("middle", [
    pytest.param(256, id="256 channels"),
    pytest.param(512, id="twice as many channels between them",
                 marks=counterexample("with a wider map between them the two are 36/25 of the multiply-adds")),
])
def test_two_wide_3x3_are_faster_than_one_5x5(middle, device, evidence, batches=Sized(2, 128)):
    """At 256 channels two 3x3 convolutions take less time than one 5x5: the 5x5 takes at least 1.1 times as long."""
    batch = batches.on(device)
    one = layer_work("one 5x5", convolutions((5, 256, 256)), MAP, batch, device, unit="image")
    two = layer_work("two 3x3", convolutions((3, 256, middle), (3, middle, 256)), MAP, batch, device, unit="image")
    cost = compare_costs(one, two, margin=1.1, device=device)
    evidence.measured("time of two 3x3 over time of one 5x5", 1 / cost.ratio, convention="multiply-adds: 18/25 = 0.72")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("two-3x3-faster-than-5x5")
@pytest.mark.parametrize("channels, side, batches", [
    pytest.param(4, 112, Sized(8, 256), id="4 channels"),
    pytest.param(256, 28, Sized(2, 128), id="256 channels",
                 marks=counterexample("with many channels arithmetic is the limit, and the saving is near to 18/25")),
])
def test_two_thin_3x3_do_not_save_their_share(channels, side, batches, device, evidence):
    """At 4 channels two 3x3 save less time than FLOPs: a multiply-add costs at least 1.25 times that of one 5x5."""
    batch = batches.on(device)
    shape = ((channels, side, side),)
    two = layer_work("two 3x3", convolutions((3, channels, channels), (3, channels, channels)), shape, batch, device)
    one = layer_work("one 5x5", convolutions((5, channels, channels)), shape, batch, device)
    cost = compare_costs(two, one, margin=1.25, device=device)
    evidence.measured("time of two 3x3 over time of one 5x5", 18 / 25 * cost.ratio, convention="multiply-adds: 0.72")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"
