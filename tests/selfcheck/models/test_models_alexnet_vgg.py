"""AlexNet and VGG are the published networks: counted, run, differentiated, and compared with torchvision's."""

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models import vgg

from lab.counting.meta_device import weightless
from lab.counting.parameters import count_parameters
from lab.models.alexnet import ONE_TOWER_2014, AlexNet, ResponseNorm, TwoTowers
from lab.models.vgg import CONFIGURATIONS, VGG, CifarVGG, convolutions
from selfcheck.model_checks import as_after_training, silent_parameters, with_weights_of

SMALL = dict(classes=7, maps=(6, 10, 14, 22, 26), hidden=11)
META = torchvision.models.get_model_weights


@pytest.mark.parametrize("build, published", [
    pytest.param(lambda: AlexNet(maps=ONE_TOWER_2014, towers=1), META("alexnet").IMAGENET1K_V1, id="AlexNet of 2014"),
    pytest.param(lambda: VGG("A"), META("vgg11").IMAGENET1K_V1, id="VGG-11"),
    pytest.param(lambda: VGG("D"), META("vgg16").IMAGENET1K_V1, id="VGG-16"),
    pytest.param(lambda: VGG("E"), META("vgg19").IMAGENET1K_V1, id="VGG-19"),
    pytest.param(lambda: VGG("D", batch_norm=True), META("vgg16_bn").IMAGENET1K_V1, id="VGG-16 with BN"),
])
def test_parameters_equal_torchvisions_published_metadata(build, published):
    with weightless():
        assert count_parameters(build()) == published.meta["num_params"]


@pytest.mark.parametrize("towers, inputs_per_filter", [
    pytest.param(2, (3, 48, 256, 192, 192), id="two towers"),
    pytest.param(1, (3, 96, 256, 384, 384), id="ungrouped"),
])
def test_alexnet_of_2012_has_the_parameters_of_figure_2(towers, inputs_per_filter):
    """Figure 2 prints each kernel as side x side x maps seen; neurons of the last three layers are 4096, 4096, 1000."""
    convs = zip((11, 5, 3, 3, 3), inputs_per_filter, (96, 256, 384, 384, 256))
    linears = zip((256 * 6 * 6, 4096, 4096), (4096, 4096, 1000))
    expected = sum(out * (k * k * seen + 1) for k, seen, out in convs) + sum(out * (seen + 1) for seen, out in linears)

    with weightless():
        assert count_parameters(AlexNet(towers=towers)) == expected


def test_the_exercises_vgg_has_as_many_parameters_as_its_layer_table():
    widths = [3, 64, 128, 256, 256, 512, 512, 512, 512]
    convs = sum(9 * a * b + b + 2 * b for a, b in zip(widths, widths[1:]))     # weights, biases, BN's scale and shift

    assert count_parameters(CifarVGG()) == convs + 512 * 10 + 10


@pytest.mark.parametrize("build, side, shape", [
    pytest.param(lambda: AlexNet(**SMALL), 224, (2, 7), id="AlexNet at 224"),
    pytest.param(lambda: AlexNet(**SMALL), 227, (2, 7), id="AlexNet at 227"),
    pytest.param(lambda: VGG("A", classes=7, side=32, hidden=11), 32, (2, 7), id="VGG-11 for 32"),
    pytest.param(lambda: VGG("A", classes=7, side=64, hidden=11), 64, (2, 7), id="VGG-11 for 64"),
    pytest.param(lambda: convolutions([5, "M", 7, "M"]), 44, (2, 7, 11, 11), id="VGG's convolutions at 44"),
    pytest.param(lambda: convolutions([5, "M", 7, "M"]), 52, (2, 7, 13, 13), id="VGG's convolutions at 52"),
    pytest.param(lambda: CifarVGG(), 32, (2, 10), id="the exercise's VGG"),
])
def test_output_shape(build, side, shape):
    assert build()(torch.randn(2, 3, side, side)).shape == shape


@pytest.mark.parametrize("build, side", [
    pytest.param(lambda: AlexNet(**SMALL), 224, id="AlexNet, two towers"),
    pytest.param(lambda: AlexNet(**SMALL, towers=1), 224, id="AlexNet, ungrouped"),
    pytest.param(lambda: VGG("D", classes=7, side=32, hidden=23), 32, id="VGG-16"),
    pytest.param(lambda: CifarVGG(), 32, id="the exercise's VGG"),
])
def test_gradient_reaches_every_parameter(build, side):
    assert silent_parameters(build().eval(), torch.randn(3, 3, side, side)) == []


def test_alexnet_of_2014_is_torchvisions_alexnet():
    theirs = torchvision.models.alexnet().eval()
    ours = with_weights_of(theirs, AlexNet(maps=ONE_TOWER_2014, towers=1, response_norm=False))
    images = torch.randn(2, 3, 224, 224)

    torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize("configuration", ["A", "D", "E"])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "with BN"])
def test_vggs_convolutions_are_torchvisions(configuration, batch_norm):
    images = torch.randn(2, 3, 64, 96)
    theirs = as_after_training(vgg.make_layers(vgg.cfgs[configuration], batch_norm), images)
    ours = with_weights_of(theirs, convolutions(CONFIGURATIONS[configuration], batch_norm=batch_norm))

    torch.testing.assert_close(ours(images), theirs(images))


def test_response_norm_is_the_papers_formula():
    """b_i = a_i / (2 + 1e-4 * sum of a_j^2 over the two maps before and after i, in the same tower)^0.75."""
    a = 100 * torch.randn(1, 14, 3, 5)     # large, so that the sum outweighs the 2
    neighbours = torch.tensor([[abs(i - j) <= 2 and i // 7 == j // 7 for j in range(14)] for i in range(14)]).float()
    sums = torch.einsum("ij,njhw->nihw", neighbours, a.square())

    torch.testing.assert_close(ResponseNorm(towers=2)(a), a / (2 + 1e-4 * sums) ** 0.75)


def test_two_towers_share_no_map():
    """A change in the second half of the maps leaves the first half of the outputs as it was."""
    layer = TwoTowers(nn.Conv2d(6, 10, 3, padding=1))
    maps = torch.randn(1, 6, 7, 11)
    changed = torch.cat([maps[:, :3], maps[:, 3:] + 1], dim=1)

    assert layer(maps)[:, :5].equal(layer(changed)[:, :5])
    assert not layer(maps)[:, 5:].equal(layer(changed)[:, 5:])
