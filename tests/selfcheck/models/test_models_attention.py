"""Attention modules, locally connected layers and the Transformer compute what the libraries' do."""

import pytest
import timm
import torch
import torchvision
from timm.layers import EcaModule
from timm.layers.cbam import CbamModule
from torch import nn

from lab.counting.meta_device import output_shape
from lab.counting.parameters import count_parameters
from lab.models.attention import CBAM, Attention, EfficientChannelAttention, SqueezeExcitation, attach, eca_kernel_size
from lab.models.resnet import ResNet
from lab.models.small.local import LocallyConnected2d, matrix_of
from lab.models.vit import encoder, from_patches, to_patches, vision_transformer, word_model
from selfcheck.model_checks import as_after_training, silent_parameters, with_weights_of


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


def test_a_locally_connected_layer_starts_as_a_convolution_does():
    """Uniform within 1 / sqrt(fan-in)."""
    layer, bound = LocallyConnected2d(2, 3, 3, (17, 19)), 18**-0.5

    for start in (layer.weight, layer.bias):
        assert 0.97 * bound < start.max() <= bound and -bound <= start.min() < -0.97 * bound
        assert start.mean().abs() < 0.1 * bound


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
