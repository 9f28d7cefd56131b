"""L5: AlexNet, the claims that counting decides."""

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters, count_weight_layers
from lab.counting.meta_device import weightless
from lab.models.alexnet import IMAGENET_2012, ONE_TOWER_2014, AlexNet, TwoTowers

LAYERS = {"conv1": "features.0", "conv2": "features.4", "conv3": "features.8", "conv4": "features.10",
          "conv5": "features.12", "fc6": "classifier.1", "fc7": "classifier.4", "fc8": "classifier.6"}
EVERY_PIXEL_DIFFERENT = torch.arange(256 * 256).reshape(256, 256)
MIRROR_SYMMETRIC = EVERY_PIXEL_DIFFERENT.minimum(EVERY_PIXEL_DIFFERENT.flip(1))


@pytest.mark.exact
@claim("augmentation-against-overfitting")
@pytest.mark.parametrize("image, offsets", [
    pytest.param(EVERY_PIXEL_DIFFERENT, 256 - 224 + 1, id="33 offsets a side"),
    pytest.param(EVERY_PIXEL_DIFFERENT, 256 - 224, id="32 offsets a side",
                 marks=counterexample("the paper's 2 x 32 x 32 = 2,048 leaves out the last row and column of crops")),
    pytest.param(MIRROR_SYMMETRIC, 256 - 224 + 1, id="a mirror-symmetric image",
                 marks=counterexample("the mirror image of each crop is another crop: flipping adds nothing")),
])
def test_crops_and_flips_make_2178_views(image, offsets, evidence):
    """Crops of 224 out of 256 pixels and their mirror images are 2 x 33 x 33 = 2,178 views; the paper says 2,048."""
    crops = image.unfold(0, 224, 1).unfold(1, 224, 1)                    # (row offsets, column offsets, 224, 224)
    corners = torch.stack([crops[:, :, 0, 0], crops[:, :, 0, -1], crops[:, :, -1, 0]], dim=-1).flatten(0, 1)
    mirrored = torch.stack([crops[:, :, 0, -1], crops[:, :, 0, 0], crops[:, :, -1, -1]], dim=-1).flatten(0, 1)
    views = len(torch.cat([corners, mirrored]).unique(dim=0))            # three corners tell these views apart
    evidence.measured("different views of an image", views, expected=2 * offsets**2,
                      source="Krizhevsky et al. 2012, section 4.1: a factor of 2048")

    assert views == 2 * offsets**2


@claim("alexnet-on-two-gpus")
@pytest.mark.parametrize("groups", [
    pytest.param(2, id="groups=2"),
    pytest.param(1, id="groups=1", marks=counterexample("its filters read the other card's maps as well")),
])
@pytest.mark.parametrize("in_channels, out_channels, k", [
    pytest.param(96, 256, 5, id="conv2"), pytest.param(384, 384, 3, id="conv4"), pytest.param(384, 256, 3, id="conv5")])
def test_a_layer_on_two_cards_is_a_grouped_convolution(in_channels, out_channels, k, groups, evidence):
    """Two cards that each work on their own half of the maps compute a convolution with groups=2, to the bit."""
    conv = nn.Conv2d(in_channels, out_channels, k, padding=k // 2, groups=groups)
    for tensor in conv.parameters():
        nn.init.uniform_(tensor.data, -9, 9).round_()     # whole numbers: every sum of them is exact
    maps = torch.randint(-9, 9, (2, in_channels, 7, 5)).float()
    difference = (conv(maps) - TwoTowers(conv)(maps)).abs().max().item()
    evidence.measured("largest difference of an output", difference, expected=0.0)

    assert difference == 0


@claim("alexnet-on-two-gpus")
@pytest.mark.parametrize("layer, towers", [
    pytest.param("conv2", 2, id="conv2"),
    pytest.param("conv4", 2, id="conv4"),
    pytest.param("conv5", 2, id="conv5"),
    pytest.param("conv3", 2, id="conv3", marks=counterexample("conv3 reads the maps of both cards")),
    pytest.param("fc6", 2, id="the first FC layer", marks=counterexample("FC layers read the maps of both cards")),
    pytest.param("conv2", 1, id="conv2, one tower", marks=counterexample("undivided, each filter reads every map")),
])
def test_three_layers_never_look_at_the_other_card(layer, towers, evidence):
    """Only conv2, conv4 and conv5 keep to their own card: their outputs have no gradient at the other card's maps."""
    seen, net = [], AlexNet(maps=(6, 10, 14, 22, 26), hidden=34, towers=towers)
    module = net.get_submodule(LAYERS[layer])
    module.register_forward_hook(lambda module, inputs, output: seen.extend([*inputs, output]))
    net(torch.randn(1, 3, 224, 224))
    maps, outputs = seen
    (gradient,) = torch.autograd.grad(outputs.chunk(2, dim=1)[0].sum(), maps)
    crossing = gradient.chunk(2, dim=1)[1].abs().max().item()
    evidence.measured("largest gradient from one card's outputs to the other card's maps", crossing, expected=0.0)

    assert crossing == 0


@claim("alexnet-on-two-gpus")
@pytest.mark.parametrize("maps, towers", [
    pytest.param(IMAGENET_2012, 2, id="two towers, 2012"),
    pytest.param(IMAGENET_2012, 1, id="the same widths in one tower",
                 marks=counterexample("62,378,344: conv2, conv4 and conv5 have twice the weights")),
    pytest.param(ONE_TOWER_2014, 1, id="torchvision's net of 2014",
                 marks=counterexample("61,100,840: the later one-tower net has other widths")),
])
def test_the_split_leaves_60_965_224_parameters(maps, towers, evidence):
    """AlexNet as published has 60,965,224 parameters: the split spares half the weights of three layers."""
    convolutions = [(11, 3, 96), (5, 96 // 2, 256), (3, 256, 384), (3, 384 // 2, 384), (3, 384 // 2, 256)]
    linears = [(256 * 6 * 6, 4096), (4096, 4096), (4096, 1000)]
    expected = sum(k * k * a * b + b for k, a, b in convolutions) + sum(a * b + b for a, b in linears)
    with weightless():
        counted = count_parameters(AlexNet(maps=maps, towers=towers))
    evidence.measured("parameters", counted, expected=expected, convention="with biases",
                      source="Krizhevsky et al. 2012, figure 2 and section 3.5")

    assert counted == expected


@claim("alexnet-has-8-layers")
@pytest.mark.parametrize("missing", [
    pytest.param([], id="as published"),
    pytest.param(["conv4"], id="without conv4", marks=counterexample("one layer less is seven")),
])
def test_alexnet_has_five_convolutions_and_three_fc_layers(missing, evidence):
    """AlexNet has eight layers with weights: five convolutions and three fully connected ones."""
    with weightless():
        net = AlexNet()
    for layer in missing:
        net.set_submodule(LAYERS[layer], nn.Identity())
    depth = count_weight_layers(net)
    evidence.measured("depth", depth, expected=5 + 3, unit="layers with weights", source="Krizhevsky et al. 2012, 3.5")

    assert depth == 5 + 3


@claim("each-conv-below-one-percent")
@pytest.mark.parametrize("towers", [
    pytest.param(2, id="two towers, as published"),
    pytest.param(1, id="one tower", marks=counterexample("undivided, conv5 holds more than one percent as well")),
])
def test_two_convolutions_hold_more_than_one_percent(towers, evidence):
    """The AlexNet paper errs about itself: conv3 holds 1.45 % of the parameters and conv4 1.09 %."""
    with weightless():
        net = AlexNet(towers=towers)
    percent = 100 / count_parameters(net)
    shares = {name: percent * count_parameters(net.get_submodule(path)) for name, path in LAYERS.items()}
    evidence.measured("shares of conv1 to conv5", list(shares.values())[:5], unit="%", convention="with biases",
                      source="Krizhevsky et al. 2012, section 1: no more than 1 % each")
    evidence.figure("bars", "AlexNet: share of the parameters", labels=list(shares), values=list(shares.values()),
                    unit="%")

    assert {name for name, share in shares.items() if name.startswith("conv") and share > 1} == {"conv3", "conv4"}
