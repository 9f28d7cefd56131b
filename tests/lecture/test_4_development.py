"""L4: the development of CNNs, from AlexNet to the backbones that a lecture of 2018 leaves out."""

from functools import cache
from itertools import pairwise

import pytest
from torchvision.models import get_model

from lab.claims import claim, counterexample
from lab.counting import count_parameters, count_weight_layers
from lab.counting.backbones import LECTURE, SURVEY, dominated
from lab.counting.counter_comparison import counts, weightless_network
from lab.counting.meta_device import weightless

pytestmark = [pytest.mark.filterwarnings("ignore:The default weight initialization of GoogleNet"),
              pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")]  # fvcore calls it

FAMILY = {backbone.family: backbone for backbone in [*LECTURE, *SURVEY]}
ENTRIES = {  # winner or second, each an ensemble: (network, top-5 test error in %, source)
    "AlexNet 2012": ("alexnet", 15.315, "image-net.org/challenges/LSVRC/2012/results.html, with ImageNet-22k data"),
    "VGG 2014": ("vgg19", 7.3, "VGG paper, section 4.5: seven nets"),
    "GoogLeNet 2014": ("googlenet", 6.67, "GoogLeNet paper, table 2: seven nets, 144 crops"),
    "ResNet 2015": ("resnet152", 3.57, "ResNet paper, section 4.1: six nets"),
}
ONE_CROP = {"GoogLeNet 2014": ("googlenet", 10.07, "GoogLeNet paper, table 3: one net, one crop")}
SHALLOW = {"ResNet 2015": ("resnet18", 3.57, "ResNet paper, section 4.1; the depth is not that entry's")}


@cache
def depth(name):
    """Weight layers on the longest path of a torchvision network."""
    with weightless():
        return count_weight_layers(get_model(name).eval())


@claim("deeper-and-more-accurate")
@pytest.mark.exact
@pytest.mark.parametrize("name, layers", [
    pytest.param("alexnet", 5 + 3, id="AlexNet"),
    pytest.param("vgg16", (2 + 2 + 3 + 3 + 3) + 3, id="VGG-16"),
    pytest.param("vgg19", (2 + 2 + 4 + 4 + 4) + 3, id="VGG-19"),
    pytest.param("googlenet", 3 + 9 * 2 + 1, id="GoogLeNet"),
    pytest.param("resnet152", 1 + 3 * (3 + 8 + 36 + 3) + 1, id="ResNet-152"),
    pytest.param("vgg13", (2 + 2 + 3 + 3 + 3) + 3, id="VGG-13",
                 marks=counterexample("three blocks have one convolution less")),
    pytest.param("resnet101", 1 + 3 * (3 + 8 + 36 + 3) + 1, id="ResNet-101",
                 marks=counterexample("its third stage has 23 blocks, and its second 4")),
])
def test_published_depths_are_counted_on_the_built_networks(name, layers, evidence):
    """AlexNet has 8 weight layers, VGG 16 or 19, GoogLeNet 22 and ResNet up to 152."""
    counted = depth(name)
    evidence.measured(name, counted, expected=layers, unit="weight layers", convention="longest path, no projections")

    assert counted == layers


@claim("deeper-and-more-accurate")
@pytest.mark.record
@pytest.mark.parametrize("entries", [
    pytest.param(ENTRIES, id="the four of the lecture"),
    pytest.param(ENTRIES | ONE_CROP, id="GoogLeNet as one net on one crop",
                 marks=counterexample("one net on one crop doesn't beat VGG's ensemble of seven nets")),
    pytest.param(ENTRIES | SHALLOW, id="ResNet-18 in ResNet-152's place",
                 marks=counterexample("a residual network of 18 layers is no deeper than GoogLeNet")),
])
def test_from_2012_to_2015_depth_rises_and_error_falls(entries, evidence):
    """From AlexNet over VGG and GoogLeNet to ResNet, each network is deeper and errs less than the one before."""
    points = [{"label": entry, "x": depth(name), "y": error} for entry, (name, error, _) in entries.items()]
    for point, (*_, source) in zip(points, entries.values()):
        evidence.measured(point["label"], [point["x"], point["y"]], unit="weight layers, % top-5 error", source=source)
    evidence.figure("scatter", "Depth and error of four ILSVRC entries", points=points,
                    xlabel="weight layers", ylabel="top-5 error (%)", logx=True)

    assert all(new["x"] > old["x"] and new["y"] < old["y"] for old, new in pairwise(points))


@claim("newer-backbones")
@pytest.mark.parametrize("backbone, removed", [
    *[pytest.param(backbone, "", id=backbone.family) for backbone in SURVEY],
    pytest.param(FAMILY["ResNeXt"], "layer4.2", id="ResNeXt without its last block",
                 marks=counterexample("15 bottleneck blocks instead of 16")),
    pytest.param(FAMILY["MobileNetV2"], "features.16", id="MobileNetV2 without an inverted residual",
                 marks=counterexample("16 inverted residuals instead of 17")),
    pytest.param(FAMILY["ConvNeXt"], "features.7.2", id="ConvNeXt without its last block",
                 marks=counterexample("17 blocks instead of 18")),
])
def test_a_backbone_is_what_its_library_publishes(backbone, removed, evidence):
    """Each newer backbone scores an image with the parameters and multiply-adds that its library publishes."""
    builder = backbone.variant(without=removed)
    scores, parameters = counts(builder).output, count_parameters(weightless_network(builder))
    giga = round(backbone.counter(builder) / 1e9, backbone.digits)
    evidence.measured("scores of one 224 px image", scores, expected=(1, 1000))
    evidence.measured("parameters", parameters, expected=backbone.parameters, source=backbone.source)
    evidence.measured("multiply-adds", giga, expected=backbone.giga_multiply_adds, unit="10^9",
                      convention=backbone.counter.__name__.replace("_", " "), source=backbone.source)

    assert (scores, parameters, giga) == ((1, 1000), backbone.parameters, backbone.giga_multiply_adds)


@claim("newer-backbones")
@pytest.mark.parametrize("newer", [
    pytest.param(SURVEY, id="eleven families of the surveys"),
    pytest.param([FAMILY["VGG-16"], *SURVEY], id="VGG-16 among them",
                 marks=counterexample("ResNet-50 is more accurate at a quarter of VGG-16's multiply-adds")),
])
def test_newer_backbones_move_the_frontier(newer, evidence):
    """No network of 2012-2015 is as accurate as one of the newer backbones at as few multiply-adds."""
    for one in newer:
        evidence.measured(f"{one.family}: {one.name}", [one.giga_multiply_adds, one.top1], source=one.source,
                          unit="10^9 multiply-adds, % top-1")
    evidence.figure("scatter", "ImageNet accuracy against multiply-adds",
                    points=[{"label": one.family, "x": one.giga_multiply_adds, "y": one.top1}
                            for one in [*LECTURE, *SURVEY]],
                    xlabel="multiply-adds of one image (10^9)", ylabel="top-1 accuracy (%)", logx=True)

    assert dominated(newer, LECTURE) == []
