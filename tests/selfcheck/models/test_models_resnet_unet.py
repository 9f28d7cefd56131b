"""ResNet and U-Net are the published networks: counted, run, differentiated, and compared with torchvision's."""

import pytest
import torch
import torchvision
from torch import nn

from lab.counting.meta_device import output_shape, weightless
from lab.counting.parameters import count_parameters
from lab.models.resnet import (
    Bottleneck,
    Residual,
    ResNet,
    ZeroPadShortcut,
    basic_branch,
    bottleneck_branch,
    projection_shortcut,
)
from lab.models.unet import UNet
from selfcheck.model_checks import as_after_training, silent_parameters, with_weights_of


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_resnets_parameters_equal_torchvisions_published_metadata(depth):
    published = torchvision.models.get_model_weights(f"resnet{depth}").IMAGENET1K_V1.meta["num_params"]

    with weightless():
        assert count_parameters(ResNet(depth)) == published


@pytest.mark.parametrize("option", ["A", None], ids=["zero padding", "plain twin"])
def test_only_projections_have_parameters_among_shortcuts(option):
    projections = sum(a * b + 2 * b for a, b in [(64, 128), (128, 256), (256, 512)])     # 1x1 weights; BN scale, shift

    with weightless():
        assert count_parameters(ResNet(34)) - count_parameters(ResNet(34, option)) == projections


@pytest.mark.parametrize("depth, side", [(18, 64), (18, 96), (50, 64), (50, 96)])
def test_resnet_is_torchvisions_resnet(depth, side):
    images = torch.randn(2, 3, side, side)
    theirs = as_after_training(torchvision.models.get_model(f"resnet{depth}"), images)
    ours = with_weights_of(theirs, ResNet(depth))

    torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize("branch, shortcut, shape", [
    pytest.param(basic_branch(6, 6), nn.Identity(), (2, 6, 14, 22), id="basic"),
    pytest.param(basic_branch(6, 13, 2), projection_shortcut(6, 13, 2), (2, 13, 7, 11), id="basic, projection"),
    pytest.param(basic_branch(6, 13, 2), ZeroPadShortcut(6, 13, 2), (2, 13, 7, 11), id="basic, zero padding"),
    pytest.param(basic_branch(6, 13, 2), None, (2, 13, 7, 11), id="basic, plain"),
    pytest.param(bottleneck_branch(6, 5, 2), projection_shortcut(6, 20, 2), (2, 20, 7, 11), id="bottleneck v1.5"),
    pytest.param(bottleneck_branch(6, 5, 2, stride_in_3x3=False), ZeroPadShortcut(6, 20, 2), (2, 20, 7, 11),
                 id="bottleneck v1"),
])
def test_blocks_give_their_shape_and_pass_gradient_to_every_parameter(branch, shortcut, shape):
    block, x = Residual(branch, shortcut), torch.randn(2, 6, 14, 22)

    assert block(x).shape == shape
    assert silent_parameters(block, x) == []


def test_zero_padding_shortcut_keeps_every_second_pixel_and_adds_empty_channels():
    x = torch.arange(2 * 3 * 6 * 10.).reshape(2, 3, 6, 10)
    y = ZeroPadShortcut(3, 5, stride=2)(x)

    assert y.shape == (2, 5, 3, 5)
    assert y[:, :3].equal(x[:, :, [0, 2, 4]][..., [0, 2, 4, 6, 8]])
    assert not y[:, 3:].any()


def test_a_residual_block_adds_before_its_last_relu():
    block = Residual(nn.Conv2d(1, 1, 1), nn.Identity())
    nn.init.constant_(block.branch.weight, -3.0)
    nn.init.constant_(block.branch.bias, 1.0)

    assert block(torch.tensor([-2.0, 2.0]).reshape(1, 1, 1, 2)).flatten().tolist() == [5.0, 0.0]     # relu(1 - 3x + x)


@pytest.mark.parametrize("option", ["A", "B", None], ids=["zero padding", "projection", "plain twin"])
def test_gradient_reaches_every_parameter_of_resnet(option):
    assert silent_parameters(ResNet(18, option, classes=7), torch.randn(3, 3, 64, 64)) == []


def test_the_notes_bottleneck_is_trainable_throughout():
    assert silent_parameters(Bottleneck(28, 11), torch.randn(3, 28, 7, 5)) == []


def test_unet_has_the_papers_parameters_and_layers():
    """Figure 1: 18 3x3 convolutions, four 2x2 up-convolutions that halve the channels, one 1x1."""
    encoder = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512), (512, 1024),
               (1024, 1024)]
    decoder = [(1024, 512), (512, 512), (512, 256), (256, 256), (256, 128), (128, 128), (128, 64), (64, 64)]
    ups = [(1024, 512), (512, 256), (256, 128), (128, 64)]
    expected = (sum(9 * a * b + b for a, b in encoder + decoder) + sum(4 * a * b + b for a, b in ups) + 64 * 2 + 2)
    with weightless():
        unet = UNet()

    assert count_parameters(unet) == expected
    assert sum(isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)) for m in unet.modules()) == 23     # section 2


@pytest.mark.parametrize("side, out", [pytest.param(572, 388, id="the paper's 572"), pytest.param(188, 4, id="188")])
def test_unet_loses_184_pixels(side, out):
    assert output_shape(UNet(3, 5, width=4), torch.empty(2, 3, side, side)) == (2, 5, out, out)


@pytest.mark.parametrize("skip", [True, False], ids=["with skips", "without"])
def test_unet_without_skips_is_the_same_net_otherwise(skip):
    """Without skips no gradient reaches the half of each merging convolution that reads the encoder, and only that."""
    unet = UNet(1, 3, width=4, depth=2, skip=skip)

    assert silent_parameters(unet, torch.randn(2, 1, 52, 60)) == []
    assert [bool(merge[0].weight.grad.chunk(2, dim=1)[0].any()) for merge in unet.merge] == [skip, skip]


def test_unet_crops_the_middle():
    """With the way through the bottom cut, an output pixel sees the 9 x 9 window around its own place in the image."""
    unet = UNet(1, 1, width=4, depth=2)
    for parameter in unet.parameters():
        nn.init.constant_(parameter, 0.1)                 # no ReLU is shut, so the whole window shows
    nn.init.zeros_(unet.up[-1].weight)
    image = torch.rand(1, 1, 60, 60, requires_grad=True)
    scores = unet(image)                                  # (1, 1, 20, 20): a border of 20 is lost
    scores[0, 0, 7, 11].backward()
    rows, columns = image.grad[0, 0].nonzero(as_tuple=True)

    assert (rows.min().item(), rows.max().item()) == (7 + 20 - 4, 7 + 20 + 4)
    assert (columns.min().item(), columns.max().item()) == (11 + 20 - 4, 11 + 20 + 4)
