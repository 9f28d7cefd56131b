"""The folklore of cost, continued: reduction, precision, batch and image size. Conventions as in test_cost."""
from functools import partial

import pytest
from torch import nn

from lab.benchmarking.roofline import MAP, convolutions, layer_work
from lab.benchmarking.workloads import network_work
from lab.claims import claim, counterexample
from lab.device import Sized, available

pytestmark = pytest.mark.benchmark
DIRECT = convolutions((3, 256, 192))
HALF, HALF_CHANNELS_LAST = "bf16 autocast", "bf16 autocast, channels_last"      # fp16 where a card has no bf16


@claim("reduction-saves-time")
@pytest.mark.parametrize("reduced", [
    pytest.param(64, id="reduced to 64 channels"),
    pytest.param(256, id="reduced to 256 channels",
                 marks=counterexample("a 1x1 layer that reduces nothing only adds work")),
])
def test_a_reduction_saves_time(reduced, machine, evidence, batches=Sized(8, 256)):
    """A 1x1 reduction before a 3x3 convolution saves time: without it an image takes at least 1.5 times as long."""
    layers = {"3x3": DIRECT, "1x1, 3x3": convolutions((1, 256, reduced), (3, reduced, 192))}
    direct, reduction = (layer_work(name, layer, MAP, batches.on(machine), "image")
                         for name, layer in layers.items())
    cost = machine.compare(direct, reduction, margin=1.5)
    evidence.measured("time saved, direct over reduced", cost.ratio, convention="weights: 442,368 / 126,976 = 3.48")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("reduction-saves-time")
@pytest.mark.parametrize("build, side, batches", [
    pytest.param(convolutions((1, 256, 64), (3, 64, 192)), Sized(14, 7), Sized((1, 1), (1, 1)),
                 id="reduced to 64 channels, one small image"),
    pytest.param(DIRECT, Sized(28, 28), Sized((4, 8), (256, 512)), id="half the images instead",
                 marks=counterexample("half the images of one layer save time in proportion")),
])
def test_a_reduction_saves_less_time_than_weights(build, side, batches, machine, evidence):
    """On one small image it saves less than 3.48 times: a multiply-add costs 1.25 times that of the direct layer."""
    shape = ((256, side.on(machine), side.on(machine)),)
    cheaper, direct = (layer_work(name, layer, shape, batch)
                       for name, layer, batch in zip(("cheaper", "direct"), (build, DIRECT), batches.on(machine)))
    cost = machine.compare(cheaper, direct, margin=1.25)
    evidence.measured("cost of a multiply-add, cheaper over direct", cost.ratio, convention="1 would be proportional")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("half-precision-trains-faster")
@pytest.mark.gpu    # a CPU gains only where it has instructions for it
@pytest.mark.parametrize("name", ["ResNet-50", "VGG-16"])
@pytest.mark.parametrize("fast, plain", [
    pytest.param(HALF, "float32", id="alone"),
    pytest.param(HALF, "library default", id="alone, against TF32"),
    pytest.param(HALF_CHANNELS_LAST, "library default", id="with channels_last, against TF32"),
    pytest.param("float32", "float32", id="float32", marks=counterexample("the same mode gains nothing")),
])
def test_half_precision_trains_faster(name, fast, plain, machine, evidence, batch=64, side=224):
    """16-bit autocast trains a convolutional network at least 1.25 times as fast as float32, or as TF32."""
    slow, quick = (network_work(name, batch, "image", side=side, training=True, mode=available(mode, machine.device))
                   for mode in (plain, fast))
    cost = machine.compare(slow, quick, margin=1.25)
    evidence.measured("times as fast", cost.ratio, convention=f"training step, batch {cost.first.batch}")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("channels-last-trains-faster")
@pytest.mark.gpu
@pytest.mark.parametrize("name", ["ResNet-50", "VGG-16"])
@pytest.mark.parametrize("fast", [
    pytest.param("channels_last", id="channels_last"),
    pytest.param(HALF_CHANNELS_LAST, id="with 16 bits",
                 marks=counterexample("16-bit products gain, with channels_last or without")),
])
def test_channels_last_alone_gains_little_in_float32(name, fast, machine, evidence, batch=64, side=224):
    """In float32 without TF32, channels_last alone trains less than 1.25 times as fast."""
    slow, quick = (network_work(name, batch, "image", side=side, training=True, mode=available(mode, machine.device))
                   for mode in ("float32", fast))
    cost = machine.compare(slow, quick, margin=1.25)
    evidence.measured("times as fast", cost.ratio, convention=f"training step, batch {cost.first.batch}")
    evidence.experiment(cost)

    assert cost.verdict == "refuted"


@claim("batch-fills-device")
@pytest.mark.parametrize("name, side, batches", [
    pytest.param("LeNet", 32, Sized((1, 64), (1, 64)), id="LeNet, 1 against 64 images"),
    pytest.param("ResNet-18", 64, Sized((1, 8), (1, 8)), id="ResNet-18 at 64 px, 1 against 8 images"),
    pytest.param("ResNet-50", 64, Sized((1, 2), (1, 64)), id="ResNet-50 at 64 px, 1 against 64 images",
                 marks=pytest.mark.gpu),
    pytest.param("LeNet", 32, Sized((128, 256), (2**14, 2**15)), id="LeNet, a full device against twice as many images",
                 marks=counterexample("beyond a batch that fills the device nothing is gained")),
])
def test_an_image_is_cheaper_in_a_batch(name, side, batches, machine, evidence):
    """One image at a time costs at least 1.5 times what an image costs in a batch that fills the device."""
    alone, together = (network_work(name, batch, "image", side=side) for batch in batches.on(machine))
    cost = machine.compare(alone, together, margin=1.5)
    evidence.measured("cost of an image, small batch over large", cost.ratio,
                      convention=f"{cost.batches} images")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


def network(name):
    """Work on images of a side, counted by pixels."""
    return lambda batch, side: network_work(name, batch, "megapixel", side=side)


def two_convolutions(batch, side):
    """Work of two 3x3 convolutions at 64 channels, counted likewise."""
    layers = convolutions((3, 64, 64), (3, 64, 64))
    return layer_work(f"two 3x3, {side} px", layers, ((64, side, side),), batch, "megapixel")


def every_pixel_to_every_pixel(batch, side):
    """Work of a fully connected layer that keeps the image's size, counted likewise."""
    layer = partial(nn.Linear, side**2, side**2, bias=False)
    flat = lambda: nn.Sequential(nn.Flatten(), layer())
    return layer_work(f"fully connected, {side} px", flat, ((1, side, side),), batch, "megapixel")


@claim("cost-grows-with-area")
@pytest.mark.parametrize("work, batch, side", [
    pytest.param(two_convolutions, Sized(2, 64), Sized(56, 224), id="two convolutions"),
    pytest.param(network("ResNet-50"), Sized(1, 64), Sized(224, 224), id="ResNet-50, 224 against 448 px",
                 marks=pytest.mark.gpu),
    pytest.param(every_pixel_to_every_pixel, Sized(4, 4), Sized(28, 64), id="a fully connected layer",
                 marks=counterexample("each output sees every pixel, so the cost grows with the area squared")),
])
def test_cost_is_linear_in_the_area_of_large_images(work, batch, side, machine, evidence):
    """On large images four times the area cost four times as much: a pixel costs the same, up to a factor of 1.25."""
    large, small = (work(batch.on(machine), times * side.on(machine)) for times in (2, 1))
    cost = machine.compare(large, small, margin=1.25, rule="equivalence")
    evidence.measured("cost of a pixel, four times the area over once", cost.ratio, convention="1 would be linear")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("cost-grows-with-area")
@pytest.mark.parametrize("work, batch, side", [
    pytest.param(network("ResNet-18"), Sized(4, 1), Sized(64, 64), id="ResNet-18, 64 against 128 px"),
    pytest.param(two_convolutions, Sized(2, 64), Sized(56, 224), id="two convolutions on large images",
                 marks=counterexample("large images have nothing more to gain")),
])
def test_a_pixel_of_a_small_image_costs_more(work, batch, side, machine, evidence):
    """On small images cost grows less than the area: a pixel costs at least 1.25 times as much as at twice the side."""
    large, small = (work(batch.on(machine), times * side.on(machine)) for times in (2, 1))
    cost = machine.compare(small, large, margin=1.25)
    evidence.measured("cost of a pixel, small image over one of four times the area", cost.ratio)
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"
