"""Are the small nets of the trained claims what their docstrings say: sizes, start, heads, and a gradient for all?"""
import pytest
import torch
from torch import nn

from lab.counting.depth import count_weight_layers
from lab.counting.meta_device import output_shape
from lab.counting.parameters import count_parameters
from lab.models.small.chain import GAIN, ConvChain, NoLayers
from lab.models.small.even import EvenNet
from lab.models.small.headed import HeadedNet
from lab.models.small.narrow_vgg import NarrowVGG, ShallowVGG, SmallCifarVGG
from selfcheck.model_checks import silent_parameters

NARROW = [1, 8, 8, 16, 16, 32, 32, 32, 64, 64, 64, 64, 64, 64]     # an eighth of VGG-16's maps
NARROW_WEIGHTS = sum(i * o * 9 + o for i, o in zip(NARROW, NARROW[1:])) + 2 * (64 * 64 + 64) + 64 * 10 + 10
WIDTHS = [1, 8, 8, 16, 16, 32, 32]
CIFAR, EVEN = [1, 8, 16, 32, 64], sum(i * o * 9 + 2 * o for i, o in [(1, 8), (8, 16), (16, 16)])
HEADED = sum(i * o * 9 + o for i, o in zip(WIDTHS, WIDTHS[1:])) + sum(width * 10 + 10 for width in (8, 16, 32))


@pytest.mark.parametrize("net, parameters", [
    pytest.param(ConvChain, 80 + (8 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 4 * 4 + 1) * 10, id="chain"),
    pytest.param(lambda: ConvChain(nn.Tanh, (3, 5), (1, 3), (5, 7)), 26 * 3 + (3 * 49 + 1) * 5 + (5 * 25 + 1) * 10,
                 id="chain of two"),
    pytest.param(lambda: NoLayers(4), (196 + 1) * 10, id="no layers"),
    pytest.param(NarrowVGG, NARROW_WEIGHTS, id="narrow VGG"),
    pytest.param(lambda: NarrowVGG(batch_norm=True), NARROW_WEIGHTS + 2 * sum(NARROW[1:]), id="narrow VGG, BatchNorm"),
    pytest.param(ShallowVGG, 80 + (8 * 9 + 1) * 16 + (16 * 16 + 1) * 10, id="shallow VGG"),
    pytest.param(SmallCifarVGG, sum(i * o * 9 + 3 * o for i, o in zip(CIFAR, CIFAR[1:])) + 64 * 10 + 10, id="CifarVGG"),
    pytest.param(EvenNet, EVEN + 16 * 10 + 10, id="even"),
    pytest.param(lambda: EvenNet(strides=(1, 2, 1), pooled=(2,), flat=True), EVEN + 16 * 4 * 4 * 10 + 10, id="flat"),
    pytest.param(HeadedNet, HEADED, id="headed"),
    pytest.param(lambda: HeadedNet(batch_norm=True), HEADED + 2 * sum(WIDTHS[1:]), id="headed, BatchNorm"),
])
def test_small_nets_have_their_size_and_learn_everywhere(net, parameters):
    model, images = net(), torch.randn(17, 1, 28, 28)
    asked = (images, True) if isinstance(model, HeadedNet) else (images,)

    assert count_parameters(model) == parameters
    assert output_shape(model, images) == (17, 10)
    assert silent_parameters(model, *asked) == []


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "BatchNorm"])
def test_the_narrow_vgg_is_as_deep_as_vgg_16(batch_norm):
    assert count_weight_layers(NarrowVGG(batch_norm)) == 16


def test_a_start_draws_every_layers_weights():
    """He's has variance 2 / fan-in, and biases of 0; without one PyTorch's own stays, a sixth of that."""
    for start, variance in ((nn.init.kaiming_normal_, 2), (None, 1 / 3)):
        layers = [layer for layer in NarrowVGG(start=start).modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
        large = [layer.weight for layer in layers if layer.weight.numel() > 5000]
        spread = [weight.var().item() * weight[0].numel() for weight in large]

        assert spread == pytest.approx([variance] * len(spread), rel=0.1) and len(spread) > 5
        assert any(layer.bias.any() for layer in layers) == (start is None)


@pytest.mark.parametrize("net", [NarrowVGG, HeadedNet])
def test_batch_norm_keeps_no_average(net):
    """So that the net is its parameters: in eval mode too it goes by the batch."""
    model, images = net(batch_norm=True), torch.rand(11, 1, 28, 28)

    assert list(model.buffers()) == []
    torch.testing.assert_close(model.eval()(images), model.train()(images))


def test_an_even_net_has_no_border():
    """An image moved round by whole pixels of the net has the same logits, out of the frame and in again."""
    net, framed = EvenNet(widths=(3, 5), strides=(1, 1)), torch.rand(7, 1, 16, 16)
    net.shrink = nn.Identity()

    torch.testing.assert_close(net(framed.roll((5, 11), (-1, -2))), net(framed))


def test_batch_norm_of_the_small_vgg_keeps_averages():
    net, images = SmallCifarVGG(), torch.rand(11, 1, 28, 28)

    assert not torch.allclose(net.eval()(images), net.train()(images))


def test_the_classes_are_asked_for():
    images = torch.zeros(2, 1, 28, 28)

    assert [output_shape(net, images)[1] for net in (
        ConvChain(classes=7), NoLayers(2, classes=7), NarrowVGG(classes=7), ShallowVGG(classes=7), HeadedNet(classes=7)
    )] == [7] * 5


@pytest.mark.parametrize("activation", GAIN)
def test_a_chain_starts_with_the_gain_of_its_activation(activation):
    """Deviation GAIN / sqrt(fan-in), and 1 / sqrt(fan-in) at the classifier."""
    chain = ConvChain(activation, widths=(64, 64), strides=(2, 2), kernels=(3, 5))
    deviations = [layer.weight.std().item() for layer in (chain.layers[0][0], chain.layers[1][0], chain.classifier)]
    gain = GAIN[activation]

    assert deviations == pytest.approx([gain / 3, gain / (64 * 25)**0.5, (64 * 16)**-0.5], rel=0.1)
    assert not any(parameter.any() for name, parameter in chain.named_parameters() if name.endswith("bias"))


def test_gains_are_torchs_own():
    """But for the sigmoid's, 4, which torch has as 1."""
    assert [GAIN[activation] for activation in (nn.ReLU, nn.Tanh)] == [
        nn.init.calculate_gain(name) for name in ("relu", "tanh")]
    assert (GAIN[nn.Sigmoid], GAIN[nn.Identity]) == (4, 1)


def test_heads_classify_the_means_of_their_stages_maps():
    net, images = HeadedNet(), torch.randn(7, 1, 28, 28)
    main, first, second = net(images, heads=True)
    maps = net.stages[0](net.shrink(images))

    assert maps.shape == (7, 8, 14, 14) and net.stages[1](maps).shape == (7, 16, 7, 7)
    torch.testing.assert_close(first, net.classifiers[0](maps.mean((2, 3))))
    torch.testing.assert_close(second, net.classifiers[1](net.stages[1](maps).mean((2, 3))))
    torch.testing.assert_close(main, net(images))
