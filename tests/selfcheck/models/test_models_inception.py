"""The Inception family is the published one: counted, run, differentiated, compared with torchvision's and timm's."""

import pytest
import torch
from timm.models.inception_v4 import InceptionV4
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import inception as tv_v3
from torchvision.models.googlenet import BasicConv2d
from torchvision.models.googlenet import Inception as TorchvisionV1

from lab.counting.meta_device import output_shape
from lab.counting.multiply_adds import count_multiply_adds
from lab.counting.parameters import count_parameters
from lab.models import inception_later, inception_v4
from lab.models.inception import TABLE_1, AuxiliaryHead, GoogLeNet, Inception, NaiveInception, loss_with_heads
from selfcheck.model_checks import as_after_training, silent_parameters, with_weights_of


@pytest.mark.parametrize("build, published", [
    pytest.param(GoogLeNet, 6_990_272 + 8_280, id="V1: Table 1's filter columns"),
    pytest.param(inception_later.bn_inception, 11_295_240, id="V2: osmr/imgclsmob"),
    pytest.param(inception_later.inception_v3, 27_161_264 - 3_326_696, id="V3: torchvision's metadata less its head"),
    pytest.param(inception_v4.inception_v4, 42_679_816, id="V4: Cadene/pretrained-models.pytorch"),
])
def test_parameters_equal_the_published_figure(build, published):
    with torch.device("meta"):
        assert count_parameters(build()) == published


def test_torchvisions_head_of_v3_accounts_for_the_difference_of_its_metadata():
    with torch.device("meta"):
        assert count_parameters(tv_v3.InceptionAux(768, 1000)) == 3_326_696


def test_googlenets_weights_follow_from_table_1_by_hand():
    """The same table, without building anything: products of neighbouring columns."""
    rows = sum(
        c * (n1 + r3 + r5 + pool) + 9 * r3 * n3 + 25 * r5 * n5 for c, n1, r3, n3, r5, n5, pool in TABLE_1.values())
    stem, classifier = 49 * 3 * 64 + 64 * 64 + 9 * 64 * 192, 1024 * 1000

    with torch.device("meta"):
        assert count_parameters(GoogLeNet(), bias=False) == stem + rows + classifier


def test_rows_of_the_tables_fit_each_other():
    """What a row puts out, the next row takes in; a row without projection hands on its own input."""
    v1, v2 = list(TABLE_1.values()), list(inception_later.BN_INCEPTION.values())
    out_v1 = [n1 + n3 + n5 + pool for _, n1, _, n3, _, n5, pool in v1]
    out_v2 = [n1 + n3 + double + (pool or c) for c, n1, _, n3, _, double, pool in v2]

    assert out_v1 == [row[0] for row in v1[1:]] + [1024]
    assert out_v2 == [row[0] for row in v2[1:]] + [1024]


def test_multiply_adds_of_googlenet_are_the_papers_but_for_its_first_layer():
    """Table 1's operations sum to 1502 M with 34 M for conv1 (a separable one); the full 7x7 costs 118 M."""
    with torch.device("meta"):
        counted = count_multiply_adds(GoogLeNet().eval(), torch.empty(1, 3, 224, 224))

    assert counted - 112**2 * 49 * 3 * 64 == pytest.approx((1502 - 34) * 1e6, rel=0.005)


@pytest.mark.parametrize("build, side, shape", [
    pytest.param(GoogLeNet, 224, (2, 1000), id="V1 at 224"),
    pytest.param(lambda: GoogLeNet(7), 96, (2, 7), id="V1 at 96"),
    pytest.param(inception_later.bn_inception, 224, (2, 1000), id="V2 at 224"),
    pytest.param(lambda: inception_later.bn_inception(7), 97, (2, 7), id="V2 at 97"),
    pytest.param(inception_later.inception_v3, 299, (2, 1000), id="V3 at 299"),
    pytest.param(lambda: inception_later.inception_v3(7), 107, (2, 7), id="V3 at 107"),
    pytest.param(inception_v4.inception_v4, 299, (2, 1000), id="V4 at 299"),
    pytest.param(lambda: inception_v4.inception_v4(7), 107, (2, 7), id="V4 at 107"),
    pytest.param(inception_later.exercise_inception, 32, (2, 10), id="exercise at 32"),
    pytest.param(lambda: inception_later.exercise_inception(7), 33, (2, 7), id="exercise at 33"),
    pytest.param(lambda: NaiveInception(5, 2, 3, 7), 11, (2, 17, 11, 11), id="naive module at 11"),
    pytest.param(lambda: NaiveInception(5, 2, 3, 7), 13, (2, 17, 13, 13), id="naive module at 13"),
])
def test_output_shapes(build, side, shape):
    with torch.device("meta"):
        assert output_shape(build().eval(), torch.empty(2, 3 if len(shape) == 2 else 5, side, side)) == shape


@pytest.mark.parametrize("model, side", [
    pytest.param(lambda: inception_later.bn_inception(7), 64, id="V2"),
    pytest.param(lambda: inception_later.exercise_inception(7), 32, id="exercise's net: V3 A to E"),
    pytest.param(lambda: nn.Sequential(inception_v4.block_a(), inception_v4.reduction_a(), inception_v4.block_b(),
                                       inception_v4.reduction_b(), inception_v4.block_c()), 9, id="V4 blocks"),
])
def test_a_gradient_reaches_every_parameter(model, side):
    model = model()
    x = torch.randn(2, next(model.parameters()).shape[1], side, side)

    assert silent_parameters(as_after_training(model, x), x) == []


def test_a_gradient_reaches_every_parameter_of_googlenet_and_its_heads():
    """Started after He, so that a signal crosses 22 layers without BatchNorm."""
    model = GoogLeNet(classes=7, heads=True)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight)

    assert silent_parameters(model, torch.randn(1, 3, 224, 224)) == []


def test_heads_are_there_in_training_only():
    with torch.device("meta"):
        model, images = GoogLeNet(7, heads=True), torch.empty(2, 3, 224, 224)
        assert [tuple(logits.shape) for logits in model.train()(images)] == [(2, 7)] * 3
        assert tuple(model.eval()(images).shape) == (2, 7)
        assert tuple(AuxiliaryHead(11, 7)(torch.empty(2, 11, 14, 14)).shape) == (2, 7)


def test_loss_adds_three_tenths_of_each_head():
    """Uniform logits cost log(classes), so the three together cost 1.6 times that."""
    loss = loss_with_heads([torch.zeros(2, 7)] * 3, torch.tensor([3, 5]))

    torch.testing.assert_close(loss, 1.6 * torch.tensor(7.0).log())


@pytest.mark.parametrize("row", ["3a", "4d"])
def test_torchvisions_v1_module_is_ours_with_3x3_kernels_in_the_middle_of_the_5x5(row):
    x = torch.randn(2, TABLE_1[row][0], 11, 13)
    theirs, ours = as_after_training(TorchvisionV1(*TABLE_1[row]), x), Inception(*TABLE_1[row])
    basics = [part for part in theirs.modules() if isinstance(part, BasicConv2d)]
    convs = [part for part in ours.modules() if isinstance(part, nn.Conv2d)]
    for conv, basic in zip(convs, basics, strict=True):
        fused = fuse_conv_bn_eval(basic.conv, basic.bn)              # BatchNorm's scale and shift as weights and a bias
        border = (conv.kernel_size[0] - fused.kernel_size[0]) // 2
        conv.weight.data = nn.functional.pad(fused.weight.data, [border] * 4)
        conv.bias.data = fused.bias.data

    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("theirs, ours", [
    pytest.param(tv_v3.InceptionA(5, 7), inception_later.module_a(5, 7), id="A"),
    pytest.param(tv_v3.InceptionB(5), inception_later.module_b(5), id="B"),
    pytest.param(tv_v3.InceptionC(5, 7), inception_later.module_c(5, 7), id="C"),
    pytest.param(tv_v3.InceptionD(5), inception_later.module_d(5), id="D"),
    pytest.param(tv_v3.InceptionE(5), inception_later.module_e(5), id="E"),
])
def test_v3s_modules_compute_what_torchvisions_do(theirs, ours):
    x = torch.randn(2, 5, 11, 13)
    ours = with_weights_of(as_after_training(theirs, x), ours)

    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


def notebooks_net():
    """The exercise's net of torchvision's own modules."""
    return nn.Sequential(
        tv_v3.BasicConv2d(3, 32, kernel_size=3, stride=2), tv_v3.BasicConv2d(32, 32, kernel_size=3),
        tv_v3.InceptionA(32, 32), tv_v3.InceptionB(256), tv_v3.InceptionC(736, 128), tv_v3.InceptionD(768),
        tv_v3.InceptionE(1280), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 7),
    )


@pytest.mark.parametrize("build_theirs, build_ours, side", [
    pytest.param(lambda: tv_v3.Inception3(7, aux_logits=False, init_weights=False), inception_later.inception_v3, 107,
                 id="V3: torchvision"),
    pytest.param(notebooks_net, inception_later.exercise_inception, 32, id="exercise's net: torchvision's modules"),
    pytest.param(lambda: InceptionV4(7), inception_v4.inception_v4, 107, id="V4: timm"),
])
def test_whole_nets_compute_what_the_libraries_do(build_theirs, build_ours, side):
    images = torch.randn(3, 3, side, side)
    theirs = as_after_training(build_theirs(), images)
    ours = with_weights_of(theirs, build_ours(7))

    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-4, atol=1e-5)


def test_the_exercises_net_starts_from_a_normal_cut_off_at_two_deviations():
    """Cut off at 2, a normal of deviation 0.1 keeps 0.0880 of it."""
    weights = torch.cat([parameter.flatten() for parameter in inception_later.exercise_inception().parameters()
                         if parameter.dim() > 1])

    assert weights.abs().max() <= 0.2
    assert weights.std().item() == pytest.approx(0.0880, abs=0.0005)
