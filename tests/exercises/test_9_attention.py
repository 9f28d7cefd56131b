"""E9: attention modules that drop into any block: what they keep, what they change, what they cost in parameters."""

from functools import partial

import pytest
import torch
import torchvision
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.counting.meta_device import output_shape, weightless
from lab.models.attention import CBAM, Attention, EfficientChannelAttention, SqueezeExcitation, attach

CHANNELS = 48
STAGES = [(3, 256), (4, 512), (6, 1024), (3, 2048)]  # ResNet-50: blocks, channels at the end of their branches
RELEASED_K = {256: 3, 512: 5, 1024: 5, 2048: 7}  # kernel sizes of the released eca_resnet50: BangguWu/ECANet
MODULES = [pytest.param(SqueezeExcitation, id="SE"), pytest.param(CBAM, id="CBAM"),
           pytest.param(EfficientChannelAttention, id="ECA")]


class OpenGate(Attention):
    """Every gate fixed at 1."""

    def __init__(self, channels):
        super().__init__()

    def gate(self, x):
        return torch.ones(())


class SelfAttention(nn.MultiheadAttention):
    """Each position becomes a mean of all positions, weighted by likeness; without biases, so that 0 could stay 0."""

    def __init__(self, channels):
        super().__init__(channels, num_heads=4, bias=False, batch_first=True)

    def forward(self, x):
        pixels = x.flatten(2).mT                                # (N, H W, C)
        return super().forward(pixels, pixels, pixels)[0].mT.reshape(x.shape)


@claim("attention-modules-drop-in")
@pytest.mark.parametrize("attention", [
    *MODULES,
    pytest.param(lambda c: nn.Sequential(nn.AdaptiveAvgPool2d(1), SqueezeExcitation(c).excite), id="bare gates",
                 marks=counterexample("the gates alone have one value a channel: they must multiply the maps")),
])
def test_attention_keeps_the_shape_of_its_input(attention, evidence):
    """SE, CBAM and ECA put out what came in, in shape, at any image size: so they fit into any block."""
    module = attention(CHANNELS)
    shapes = [output_shape(module, torch.empty(2, CHANNELS, height, width)) for height, width in [(7, 11), (13, 5)]]
    evidence.measured("output of 2 x 48 x 7 x 11 and 2 x 48 x 13 x 5", shapes)

    assert shapes == [(2, CHANNELS, 7, 11), (2, CHANNELS, 13, 5)]


@claim("attention-modules-drop-in")
@pytest.mark.parametrize("attention", [
    *MODULES,
    pytest.param(OpenGate, id="gates fixed at 1", marks=counterexample("with its gates at 1 a module is the identity")),
])
def test_attention_multiplies_each_value_by_a_gate_between_0_and_1(attention, evidence):
    """An attention module multiplies each value by a gate strictly between 0 and 1."""
    x = torch.rand(2, CHANNELS, 7, 11) + 0.5
    gates = attention(CHANNELS)(x) / x
    evidence.measured("smallest and largest gate", [gates.min().item(), gates.max().item()])

    assert 0 < gates.min() and gates.max() < 1


@claim("attention-modules-drop-in")
@pytest.mark.parametrize("attention", [
    *MODULES,
    pytest.param(SelfAttention, id="self-attention", marks=counterexample("it mixes in the values of other positions")),
])
def test_under_a_gate_a_zero_stays_zero(attention, evidence):
    """Under the gates of SE, CBAM and ECA a zero stays zero, whatever lies around it: that is no self-attention."""
    x = torch.rand(2, CHANNELS, 7, 11) + 0.5
    x[:, :, 3, 5] = 0
    filled = attention(CHANNELS)(x)[:, :, 3, 5].abs().max().item()
    evidence.measured("largest value where the input is 0", filled, expected=0.0)

    assert filled == 0


@claim("attention-modules-drop-in")
@pytest.mark.parametrize("attention", [
    pytest.param(SqueezeExcitation, id="SE"),
    pytest.param(CBAM, id="CBAM"),
    pytest.param(EfficientChannelAttention, id="ECA",
                 marks=counterexample("its kernel slides along the channels: it matters which are neighbours")),
])
def test_the_order_of_the_channels_is_immaterial(attention, evidence):
    """For SE and CBAM the order of the channels is immaterial: renamed channels and weights give the same, renamed."""
    module, x, order = attention(CHANNELS), torch.randn(2, CHANNELS, 7, 11), torch.randperm(CHANNELS)
    before = module(x)
    for parameter in module.parameters():
        for dim in [dim for dim, size in enumerate(parameter.shape) if size == CHANNELS]:
            parameter.data = parameter.data.index_select(dim, order)
    difference = (module(x[:, order]) - before[:, order]).abs().max().item()
    evidence.measured("largest difference", difference, expected=0.0)

    assert difference < 1e-5


@claim("attention-modules-drop-in")
@pytest.mark.parametrize("attention, bias, added", [
    pytest.param(SqueezeExcitation, False, sum(n * 2 * c * c // 16 for n, c in STAGES), id="SE, weights"),
    pytest.param(SqueezeExcitation, True, 2_514_944 + sum(n * (c // 16 + c) for n, c in STAGES), id="SE with biases"),
    pytest.param(CBAM, True, 2_514_944 + 16_048 + 16 * (7 * 7 * 2 + 2), id="CBAM: SE's MLP, 7x7 kernel, BatchNorm"),
    pytest.param(EfficientChannelAttention, True, 3 * 5 + 4 * 5 + 6 * 5 + 3 * 7, id="ECA by the paper's own rule"),
    pytest.param(lambda c: EfficientChannelAttention(c, RELEASED_K[c]), True, 3 * 3 + 4 * 5 + 6 * 5 + 3 * 7,
                 id="ECA as released, 80 in the paper"),
    pytest.param(lambda c: EfficientChannelAttention(c, k=3), True, 16 * 3, id="ECA by the repository's default"),
    pytest.param(EfficientChannelAttention, True, 80, id="ECA by the paper's rule as 80",
                 marks=counterexample("the rule gives kernels of 5, 5, 5, 7, not the released 3, 5, 5, 7")),
    pytest.param(partial(SqueezeExcitation, r=8), False, 2_514_944, id="SE with r = 8",
                 marks=counterexample("half the reduction, twice the weights")),
])
def test_parameters_that_attention_adds_to_resnet_50(attention, bias, added, evidence):
    """On ResNet-50, SE adds 2.5 million weights, CBAM hardly more, and ECA fewer than a hundred."""
    with weightless():
        net = torchvision.models.resnet50()
        plain = count_parameters(net, bias)
        counted = count_parameters(attach(net, attention), bias) - plain
    evidence.measured("added parameters", counted, added, convention="with biases" if bias else "without biases")
    evidence.measured("of ResNet-50's", 100 * counted / plain, unit="%")

    assert counted == added
