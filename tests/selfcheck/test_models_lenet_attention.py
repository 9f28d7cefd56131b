"""LeNet, attention, locally connected layers and the Transformer are the published ones: counted, run, compared."""

import pytest
import timm
import torch
import torchvision
from timm.layers import EcaModule
from timm.layers.cbam import CbamModule
from torch import nn

from lab.counting import count_parameters
from lab.meta import output_shape
from lab.models import lenet
from lab.models.attention import (
    CBAM, Attention, EfficientChannelAttention, SqueezeExcitation, attach, eca_kernel_size)
from lab.models.lenet import LeNet, ScaledTanh, lenet_5, lenet_1989
from lab.models.local import LocallyConnected2d, matrix_of
from lab.models.resnet import ResNet
from lab.models.vit import encoder, from_patches, to_patches, vision_transformer, word_model
from selfcheck.model_checks import as_after_training, silent_parameters, with_weights_of


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(5)


@pytest.mark.parametrize("net, parameters", [
    pytest.param(lenet_1989, 1_068 + 2_592 + 5_790 + 310, id="1989: H1, H2, H3, output"),
    pytest.param(lenet_5, 156 + 12 + 1_516 + 32 + 48_120 + 10_164, id="1998: C1, S2, C3, S4, C5, F6"),
    pytest.param(LeNet, 61_706, id="modern copy"),
    pytest.param(lambda: LeNet(in_channels=3), 62_006, id="exercise's net"),
])
def test_parameters_equal_the_published_figure(net, parameters):
    assert count_parameters(net()) == parameters


def test_connections_of_lenet_5_are_the_published_340_908():
    """A unit has a connection for each weight that it uses, and one for its bias; subsampling units have 4 and 1."""
    c1, s2 = 28 * 28 * 6 * (25 + 1), 14 * 14 * 6 * (4 + 1)
    c3 = 10 * 10 * sum(25 * len(maps) + 1 for maps in lenet.C3_TABLE)
    s4, c5, f6, output = 5 * 5 * 16 * (4 + 1), 120 * (16 * 25 + 1), 84 * (120 + 1), 10 * 84

    assert c1 + s2 + c3 + s4 + c5 + f6 + output == 340_908


def test_every_map_of_s2_is_seen_by_ten_maps_of_c3():
    """The published table has ten crosses in each row, and no two columns alike."""
    assert [sum(m in seen for seen in lenet.C3_TABLE) for m in range(6)] == [10] * 6
    assert len({tuple(seen) for seen in lenet.C3_TABLE}) == 16


def test_each_map_of_h1_is_seen_by_eight_maps_of_h2():
    assert [sum(m in seen for seen in lenet.H2_TABLE) for m in range(12)] == [8] * 12
    assert {len(seen) for seen in lenet.H2_TABLE} == {8}


def test_a_sparse_convolution_is_a_full_one_with_zeros():
    sparse = lenet.TableConv2d([[0, 2], [1], [0, 1, 2]], 3, stride=2)
    nn.init.normal_(sparse.bias)
    full = torch.zeros(3, 3, 3, 3)
    for j, (seen, weight) in enumerate(zip(sparse.table, sparse.weights)):
        full[j, seen] = weight.data[0]
    x = torch.randn(2, 3, 7, 11)

    torch.testing.assert_close(sparse(x), nn.functional.conv2d(x, full, sparse.bias.flatten(), stride=2))


def test_subsampling_starts_as_the_mean():
    x = torch.randn(2, 3, 8, 6)

    torch.testing.assert_close(lenet.Subsampling(3)(x), nn.functional.avg_pool2d(x, 2))


def test_output_units_are_0_at_their_own_code_and_4_a_wrong_bit():
    units = lenet.RadialBasis(84, 10)
    flipped = units.codes.clone()
    flipped[:, :3] *= -1

    assert units(units.codes).diagonal().eq(0).all()
    assert units(flipped).diagonal().eq(3 * 4).all()


def test_scaled_tanh_is_the_papers():
    """A = 1.7159, S = 2/3: f(+-1) = +-1, odd; slope A S at 0."""
    a = torch.tensor([-1.0, 0.0, 1.0, 50.0], requires_grad=True)
    y = ScaledTanh()(a)
    y.sum().backward()

    torch.testing.assert_close(y.data, torch.tensor([-1, 0, 1, 1.7159]), rtol=0, atol=1e-4)
    assert a.grad[1].item() == pytest.approx(1.7159 * 2 / 3)


@pytest.mark.parametrize("net, shape", [
    pytest.param(lenet_1989, (1, 16, 16), id="1989"),
    pytest.param(lenet_5, (1, 32, 32), id="1998"),
    pytest.param(LeNet, (1, 32, 32), id="modern copy"),
    pytest.param(lambda: LeNet(3, activation=ScaledTanh, pool=nn.AvgPool2d), (3, 32, 32), id="three channels"),
])
def test_lenets_give_ten_numbers_and_a_gradient_reaches_all(net, shape):
    model = net()

    assert output_shape(model, torch.zeros(2, *shape)) == (2, 10)
    assert output_shape(model, torch.zeros(2, shape[0], shape[1] + 5, shape[2] + 5)) is None
    assert silent_parameters(model, torch.randn(17, *shape)) == []


@pytest.mark.parametrize("attention, added", [
    # stages of ResNet-50: blocks x channels
    pytest.param(SqueezeExcitation, sum(n * (2 * c * c // 16 + c // 16 + c)
                                        for n, c in [(3, 256), (4, 512), (6, 1024), (3, 2048)]), id="SE"),
    pytest.param(CBAM, 2_532_592, id="CBAM"),
    pytest.param(EfficientChannelAttention, 3 * 5 + 4 * 5 + 6 * 5 + 3 * 7, id="ECA by the paper's rule"),
    pytest.param(lambda channels: EfficientChannelAttention(channels, k=3), 16 * 3, id="ECA with k = 3"),
])
def test_parameters_added_to_resnet_50(attention, added):
    with torch.device("meta"):
        plain, attended = torchvision.models.resnet50(), attach(torchvision.models.resnet50(), attention)

    assert count_parameters(attended) - count_parameters(plain) == added


@pytest.mark.parametrize("channels", [16, 48, 64, 256, 512, 1024, 2048])
def test_ecas_kernel_size_is_timms(channels):
    """timm halves log2(C) + 1 in the same way, but takes at least 3."""
    assert max(eca_kernel_size(channels), 3) == EcaModule(channels).conv.kernel_size[0]


@pytest.mark.parametrize("theirs, ours, channels", [
    pytest.param(torchvision.ops.SqueezeExcitation(48, 3), SqueezeExcitation(48), 48, id="SE: torchvision"),
    pytest.param(EcaModule(48), EfficientChannelAttention(48), 48, id="ECA: timm"),
    pytest.param(CbamModule(48, mlp_bias=True), CBAM(48), 48, id="CBAM: timm"),
])
def test_attention_modules_compute_what_the_libraries_do(theirs, ours, channels):
    x = torch.randn(2, channels, 7, 11)
    ours = with_weights_of(as_after_training(theirs, x), ours)

    torch.testing.assert_close(ours(x), theirs(x))


def test_torchvisions_resnet_50_with_se_attached_computes_what_timms_does():
    images = torch.randn(3, 3, 64, 96)
    theirs = as_after_training(timm.create_model("seresnet50", num_classes=7), images)
    ours = with_weights_of(theirs, attach(torchvision.models.resnet50(num_classes=7), SqueezeExcitation))

    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("net, last, blocks", [
    pytest.param(lambda: torchvision.models.resnet18(), "bn2", 8, id="torchvision's basic blocks"),
    pytest.param(lambda: ResNet(18), "branch", 8, id="our residual blocks"),
])
def test_attach_reaches_every_block(net, last, blocks):
    with torch.device("meta"):
        attended = attach(net(), SqueezeExcitation, last)

    assert sum(isinstance(module, Attention) for module in attended.modules()) == blocks
    assert output_shape(attended.eval(), torch.empty(2, 3, 64, 96)) == (2, 1000)


def test_attach_names_the_remedy_where_no_block_fits():
    with pytest.raises(ValueError, match="last="):
        attach(nn.Sequential(nn.Conv2d(3, 5, 3)), SqueezeExcitation)


@pytest.mark.parametrize("attention", [SqueezeExcitation, CBAM, EfficientChannelAttention], ids=["SE", "CBAM", "ECA"])
def test_attention_keeps_the_shape_and_a_gradient_reaches_all_its_parameters(attention):
    module = attention(48)

    assert output_shape(module, torch.empty(2, 48, 7, 11)) == (2, 48, 7, 11)
    assert output_shape(module, torch.empty(2, 48, 13, 5)) == (2, 48, 13, 5)
    assert silent_parameters(module, torch.randn(3, 48, 7, 11)) == []


@pytest.mark.parametrize("padding", [0, 1])
def test_a_locally_connected_layer_with_equal_kernels_everywhere_is_a_convolution(padding):
    conv = nn.Conv2d(2, 3, 3, padding=padding)
    local = LocallyConnected2d(2, 3, 3, (7, 11), padding)
    local.weight.data[:] = conv.weight.data.flatten(1)              # (pixels, 3, 2 * 9) from (3, 2 * 9)
    local.bias.data[:] = conv.bias.data[:, None, None]
    x = torch.randn(2, 2, 7, 11)

    torch.testing.assert_close(local(x), conv(x))


def test_a_locally_connected_layer_has_a_kernel_and_a_bias_for_each_output_pixel():
    conv, local = nn.Conv2d(2, 3, 3), LocallyConnected2d(2, 3, 3, (7, 11))

    assert count_parameters(local) == 5 * 9 * count_parameters(conv)
    assert output_shape(local, torch.empty(2, 2, 7, 11)) == (2, 3, 5, 9)
    assert output_shape(local, torch.empty(2, 2, 8, 11)) is None
    assert silent_parameters(local, torch.randn(2, 2, 7, 11)) == []


@pytest.mark.parametrize("layer", [
    pytest.param(nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False), id="convolution"),
    pytest.param(nn.Sequential(nn.Flatten(), nn.Linear(2 * 5 * 7, 11, bias=False)), id="fully connected"),
    pytest.param(LocallyConnected2d(2, 3, 3, (5, 7), bias=False), id="locally connected"),
])
def test_the_matrix_of_a_layer_multiplies_as_the_layer_does(layer):
    x = torch.randn(1, 2, 5, 7)

    torch.testing.assert_close(matrix_of(layer, 2, 5, 7) @ x.flatten(), layer(x).flatten())


def test_patches_go_back_into_the_image():
    images = torch.randn(2, 3, 8, 12)

    assert to_patches(images, 4).shape == (2, 2 * 3, 3 * 4 * 4)
    assert torch.equal(to_patches(images, 4)[1, 4].reshape(3, 4, 4), images[1, :, 4:8, 4:8])     # second row, second
    assert torch.equal(from_patches(to_patches(images, 4), 4, (8, 12)), images)


def test_a_layer_of_the_encoder_computes_what_torchvisions_vision_transformer_does():
    theirs = torchvision.models.vision_transformer.EncoderBlock(4, 32, 128, dropout=0.0, attention_dropout=0.0).eval()
    ours = encoder(32, heads=4, depth=1).layers[0].eval()
    parts = {"self_attn": "self_attention", "linear1": "mlp.0", "linear2": "mlp.3", "norm1": "ln_1", "norm2": "ln_2"}
    for mine, other in parts.items():
        ours.get_submodule(mine).load_state_dict(theirs.get_submodule(other).state_dict())
    x = torch.randn(2, 7, 32)

    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-4)     # LayerNorm's eps: 1e-5 here, 1e-6 there


def test_words_and_images_go_through_one_encoder():
    shared = encoder(32, depth=3)
    words, images = word_model(shared, 23, 7, classes=5), vision_transformer(shared, 3, (8, 12), 4, classes=11)
    layer = 4 * (32 * 32 + 32) + 2 * 4 * 32 * 32 + 4 * 32 + 32 + 2 * 2 * 32     # attention, MLP, its biases, norms

    assert count_parameters(shared) == 3 * layer
    assert count_parameters(words) == 3 * layer + 23 * 32 + 7 * 32 + 5 * (32 + 1)
    assert count_parameters(images) == 3 * layer + 32 * (3 * 4 * 4 + 1) + 6 * 32 + 11 * (32 + 1)
    assert words(torch.randint(23, (2, 7))).shape == (2, 5)
    assert images(torch.randn(2, 3, 8, 12)).shape == (2, 11)


def test_a_gradient_reaches_every_parameter_of_the_transformers():
    words, images = word_model(encoder(), 3, 7, 5), vision_transformer(encoder(), 3, (8, 12), 4, 5)

    assert silent_parameters(words, torch.randint(3, (5, 7))) == []
    assert silent_parameters(images, torch.randn(5, 3, 8, 12)) == []
