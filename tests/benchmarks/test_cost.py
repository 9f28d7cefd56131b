"""The folklore of cost, as paired comparisons on one device: what a multiply-add, an image or a pixel costs.

Proportional means: a multiply-add costs the same in both. `margin` is the smallest ratio of costs that is called a
difference. Rounds of both works in turns are added until the sequential rule decides
(lab.benchmarking.cost_comparison). All run on any device, in float32: on CUDA at its sizes, elsewhere small (on the
CPU one thread, its own seconds).
"""
import pytest

from lab.benchmarking.roofline import KINDS, MAP, convolution, convolutions, layer_work, matrix_products
from lab.benchmarking.workloads import network_work
from lab.claims import claim, counterexample
from lab.device import Sized

pytestmark = pytest.mark.benchmark
NEAR, FAR = 5, 1.5        # a layer at its roof takes under NEAR times what it asks for, and is FAR times as near to it


@claim("fewer-flops-less-time")
@pytest.mark.parametrize("fewer, more, batches, side", [
    pytest.param("MobileNetV2", "ResNet-18", Sized((8, 8), (128, 128)), Sized(64, 224),
                 id="MobileNetV2 against ResNet-18"),
    pytest.param("MobileNetV2", "VGG-16", Sized((1, 1), (64, 64)), Sized(224, 224), id="MobileNetV2 against VGG-16",
                 marks=pytest.mark.gpu),    # some seconds a round on a CPU
    pytest.param("LeNet", "LeNet", Sized((128, 256), (2**14, 2**15)), Sized(32, 32), id="half the images",
                 marks=counterexample("half the images of one network are half the FLOPs and half the time")),
])
def test_fewer_flops_do_not_save_time_in_proportion(fewer, more, batches, side, machine, evidence):
    """A network of fewer FLOPs takes more time than they say: a multiply-add costs it at least 1.25 times as much."""
    first, second = (network_work(name, batch, side=side.on(machine))
                     for name, batch in zip((fewer, more), batches.on(machine)))
    cost = machine.compare(first, second, margin=1.25)
    evidence.measured("cost of a multiply-add, fewer FLOPs over more", cost.ratio, convention="1 would be proportional")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("grouped-convolution-share-of-peak")
@pytest.mark.parametrize("build", [
    pytest.param(convolution(3, groups=256), id="depthwise"),
    pytest.param(convolution(3, groups=128), id="128 groups"),
    pytest.param(convolution(3, widths=(256, 128)), id="half the filters",
                 marks=counterexample("an ordinary convolution with fewer filters keeps the hardware as busy")),
])
def test_grouped_convolutions_reach_a_smaller_share_of_the_peak(build, machine, evidence, batches=Sized(2, 256)):
    """A grouped or depthwise 3x3 convolution reaches a smaller share of the measured peak than an ordinary one."""
    grouped, ordinary = (layer_work(name, layer, MAP, batches.on(machine))
                         for name, layer in [("grouped", build), ("ordinary", convolution(3))])
    cost = machine.compare(grouped, ordinary, margin=1.25)
    peak = machine.peak().flops
    for work, costs in zip((grouped, ordinary), zip(*cost.costs)):
        share = 100 * 2e9 / min(costs) / peak       # 2 FLOPs a multiply-add; costs: s for 10^9
        evidence.measured(f"share of the measured peak, {work.name}", share, unit="%")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("grouped-convolution-share-of-peak")
@pytest.mark.gpu    # one CPU core is as far from either roof with a depthwise convolution: 2.2 and 2.5 times
@pytest.mark.parametrize("kind, roof, other", [
    pytest.param("depthwise 3x3 convolution", "memory", "arithmetic", id="depthwise, memory"),
    pytest.param("3x3 convolution", "arithmetic", "memory", id="ordinary, arithmetic"),
    pytest.param("3x3 convolution", "memory", "arithmetic", id="ordinary, memory",
                 marks=counterexample("an ordinary 3x3 convolution does enough for each byte")),
    pytest.param("depthwise 3x3 convolution", "arithmetic", "memory", id="depthwise, arithmetic",
                 marks=counterexample("a depthwise convolution does nine multiply-adds for each number it reads")),
])
def test_memory_is_the_roof_of_a_depthwise_convolution(kind, roof, other, machine, evidence, batches=Sized(2, 256)):
    """On a GPU a depthwise convolution takes the time of its bytes, and an ordinary one that of its FLOPs."""
    batch, peak = batches.on(machine), machine.peak()
    rates = machine.rates(KINDS, batch)
    evidence.figure("roofline", "Layers under the roof that was measured in this run",
                    peak_flops=peak.flops, peak_bandwidth=peak.bandwidth, points=[
                        {"label": name, "x": KINDS[name].intensity(batch), "y": rate} for name, rate in rates.items()])
    limits = {"memory": KINDS[kind].intensity(batch) * peak.bandwidth, "arithmetic": peak.flops}    # FLOP/s
    times = {name: limit / rates[kind] for name, limit in limits.items()}
    nearer = times[other] / times[roof]
    evidence.measured("time over that of its roof", times[roof], convention="bytes or FLOPs at the measured peak")
    evidence.measured("times as near to its roof as to the other", nearer)
    evidence.measured("FLOPs for each byte at the ridge", peak.ridge, convention="measured FLOP/s over measured byte/s")

    assert times[roof] < NEAR and nearer > FAR


@claim("two-3x3-faster-than-5x5")
@pytest.mark.parametrize("middle", [
    pytest.param(256, id="256 channels"),
    pytest.param(512, id="twice as many channels between them",
                 marks=counterexample("with a wider map between them the two are 36/25 of the multiply-adds")),
])
def test_two_wide_3x3_are_faster_than_one_5x5(middle, machine, evidence, batches=Sized(1, 32)):
    """At 256 channels, as matrix products, one 5x5 convolution takes at least 1.15 times as long as two 3x3."""
    layers = {"one 5x5": [(5, 256, 256)], "two 3x3": [(3, 256, middle), (3, middle, 256)]}
    work = lambda name, build: layer_work(name, build(*layers[name]), MAP, batches.on(machine), unit="image")
    cost = machine.compare(*[work(name, matrix_products) for name in layers], margin=1.15)
    evidence.measured("time of two 3x3 over time of one 5x5", 1 / cost.ratio, convention="multiply-adds: 18/25 = 0.72")
    for name in layers:
        chosen = machine.kernels(work(name, convolutions))
        evidence.measured("kernels that the library would choose", ", ".join(chosen) or "not told", convention=name)
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("two-3x3-faster-than-5x5")
@pytest.mark.parametrize("channels, side, batches", [
    pytest.param(4, 7, Sized(1, 1), id="one image of 7 px, 4 channels"),
    pytest.param(256, 28, Sized(1, 32), id="256 channels",
                 marks=counterexample("with many channels arithmetic is the limit, and the saving is near to 18/25")),
])
def test_two_thin_3x3_do_not_save_their_share(channels, side, batches, machine, evidence):
    """On one small image two 3x3 save less time than FLOPs: a multiply-add costs 1.25 times that of one 5x5."""
    shape, layers = ((channels, side, side),), {"two 3x3": [(3, channels, channels)] * 2,
                                                "one 5x5": [(5, channels, channels)]}
    two, one = (layer_work(name, matrix_products(*row), shape, batches.on(machine))
                for name, row in layers.items())
    cost = machine.compare(two, one, margin=1.25)
    evidence.measured("time of two 3x3 over time of one 5x5", 18 / 25 * cost.ratio, convention="multiply-adds: 0.72")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"
