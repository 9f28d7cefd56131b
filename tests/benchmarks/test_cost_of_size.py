"""The folklore of cost, continued: reduction, precision, batch and image size. Conventions as in test_cost."""
from functools import partial

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.roofline import MAP, convolutions, layer_work
from lab.rounds import compare_costs
from lab.timing import MODES
from lab.workloads import network_work

ANY, GPU = pytest.mark.benchmark, pytest.mark.gpu
DIRECT = convolutions((3, 256, 192))


@claim("reduction-saves-time")
@pytest.mark.parametrize("reduced, batch", [
    pytest.param(64, 8, marks=ANY, id="reduced to 64 channels, batch 8"),
    pytest.param(64, 256, marks=GPU, id="reduced to 64 channels, batch 256"),
    pytest.param(256, 8, id="reduced to 256 channels",
                 marks=[ANY, counterexample("a 1x1 layer that reduces nothing only adds work")]),
])
def test_a_reduction_saves_time(reduced, batch, device, evidence):
    """A 1x1 reduction before a 3x3 convolution saves time: without it an image takes at least 1.5 times as long."""
    direct = layer_work("3x3", DIRECT, MAP, batch, device, unit="image")
    reduction = layer_work("1x1, 3x3", convolutions((1, 256, reduced), (3, reduced, 192)), MAP, batch, device, unit="image")
    cost = compare_costs(direct, reduction, margin=1.5, device=device)
    evidence.measured("time saved, direct over reduced", cost.ratio, convention="weights: 442,368 / 126,976 = 3.48 with 64 channels")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("reduction-saves-time")
@pytest.mark.parametrize("build, batches", [
    pytest.param(convolutions((1, 256, 64), (3, 64, 192)), (1, 1), marks=ANY, id="reduced to 64 channels, batch 1"),
    pytest.param(convolutions((1, 256, 64), (3, 64, 192)), (256, 256), marks=GPU, id="reduced to 64 channels, batch 256"),
    pytest.param(DIRECT, (4, 8), id="half the images instead",
                 marks=[ANY, counterexample("half the images of one layer save time in proportion")]),
])
def test_a_reduction_saves_less_time_than_weights(build, batches, device, evidence):
    """The reduction saves less than its 3.48 times: a multiply-add costs at least 1.1 times what it costs the direct layer."""
    cheaper, direct = (layer_work(name, layer, MAP, batch, device)
                       for name, layer, batch in zip(("cheaper", "direct"), (build, DIRECT), batches))
    cost = compare_costs(cheaper, direct, margin=1.1, device=device)
    evidence.measured("cost of a multiply-add, cheaper over direct", cost.ratio, convention="1 would be proportional")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("bf16-and-channels-last-gain")
@pytest.mark.gpu
@pytest.mark.parametrize("name", ["ResNet-50", "VGG-16"])
@pytest.mark.parametrize("mode", [
    pytest.param("bf16 autocast, channels_last", id="bf16 autocast, channels_last"),
    pytest.param("float32", id="float32", marks=counterexample("the same mode gains nothing against itself")),
])
def test_bf16_and_channels_last_train_faster(name, mode, device, evidence, batch=64, side=224):
    """bf16 autocast with channels_last trains a convolutional network at least 1.25 times as fast as float32."""
    plain = network_work(name, batch, device, "image", side=side, training=True)
    fast = network_work(name, batch, device, "image", side=side, training=True, mode=MODES[mode])
    cost = compare_costs(plain, fast, margin=1.25, device=device)
    evidence.measured("times as fast", cost.ratio, convention=f"training step, batch {batch}, TF32 off in float32")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("batch-fills-device")
@pytest.mark.parametrize("name, side, small, large", [
    pytest.param("LeNet", 32, 1, 64, marks=ANY, id="LeNet, 1 against 64 images"),
    pytest.param("ResNet-18", 64, 1, 8, marks=ANY, id="ResNet-18 at 64 px, 1 against 8 images"),
    pytest.param("ResNet-50", 224, 1, 64, marks=GPU, id="ResNet-50, 1 against 64 images"),
    pytest.param("LeNet", 32, 128, 256, id="LeNet, 128 against 256 images",
                 marks=[ANY, counterexample("beyond a batch that fills the device nothing is gained")]),
])
def test_an_image_is_cheaper_in_a_batch(name, side, small, large, device, evidence):
    """One image at a time costs at least 1.5 times what an image costs in a batch that fills the device."""
    alone, together = (network_work(name, batch, device, "image", side=side) for batch in (small, large))
    cost = compare_costs(alone, together, margin=1.5, device=device)
    evidence.measured(f"cost of an image, batch {small} over batch {large}", cost.ratio)
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


def network(name, batch):
    """Work on images of a side, counted by pixels."""
    return lambda side, device: network_work(name, batch, device, "megapixel", side=side)


def stack(channels, batch):
    """Two 3x3 convolutions, counted likewise."""
    layers = convolutions((3, channels, channels), (3, channels, channels))
    return lambda side, device: layer_work(f"two 3x3, {side} px", layers, ((channels, side, side),), batch, device, "megapixel")


def every_pixel_to_every_pixel(side, device):
    """One fully connected layer that keeps the image's size."""
    layer = partial(nn.Linear, side**2, side**2, bias=False)
    return layer_work(f"fully connected, {side} px", lambda: nn.Sequential(nn.Flatten(), layer()), ((1, side, side),), 4, device,
                      "megapixel")


@claim("cost-grows-with-area")
@pytest.mark.parametrize("work, side", [
    pytest.param(stack(64, 2), 56, marks=ANY, id="two convolutions, 56 against 112 px"),
    pytest.param(network("ResNet-50", 64), 224, marks=GPU, id="ResNet-50, 224 against 448 px"),
    pytest.param(every_pixel_to_every_pixel, 28, id="a fully connected layer, 28 against 56 px",
                 marks=[ANY, counterexample("each output sees every pixel, so the cost grows with the area squared")]),
])
def test_cost_is_linear_in_the_area_of_large_images(work, side, device, evidence):
    """A pixel costs a convolutional network the same at four times the area, up to a factor of 1.25, if images are large."""
    cost = compare_costs(work(2 * side, device), work(side, device), margin=1.25, device=device, rule="equivalence")
    evidence.measured("cost of a pixel, four times the area over once", cost.ratio, convention="1 would be linear")
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"


@claim("cost-grows-with-area")
@pytest.mark.parametrize("work, side", [
    pytest.param(network("ResNet-18", 4), 64, marks=ANY, id="ResNet-18, 64 against 128 px"),
    pytest.param(network("ResNet-50", 1), 32, marks=GPU, id="ResNet-50, 32 against 64 px, one image"),
    pytest.param(stack(64, 2), 56, id="two convolutions, 56 against 112 px",
                 marks=[ANY, counterexample("large images have nothing more to gain")]),
])
def test_a_pixel_of_a_small_image_costs_more(work, side, device, evidence):
    """On small images the cost grows less than the area: a pixel costs at least 1.25 times what it costs at four times the area."""
    cost = compare_costs(work(side, device), work(2 * side, device), margin=1.25, device=device)
    evidence.measured("cost of a pixel, small image over one of four times the area", cost.ratio)
    evidence.experiment(cost)

    assert cost.verdict == "confirmed"
