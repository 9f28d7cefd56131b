"""The receptive field's formula against the gradient of random stacks, and what the probe refuses."""

import math

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lab.counting.meta_device import weightless
from lab.counting.receptive import ImageTooSmall, UnprobedPooling, probed_receptive_field, receptive_field


def convolution(kernel, stride, dilation):
    return nn.Sequential(nn.Conv2d(3, 3, kernel, stride, dilation=dilation), nn.BatchNorm2d(3), nn.ReLU())


def max_pooling(kernel, stride, dilation):
    return nn.MaxPool2d(kernel, stride)


def mean_pooling(kernel, stride, dilation):
    return nn.AvgPool2d(kernel, stride)


pooling = st.tuples(st.sampled_from([max_pooling, mean_pooling]), st.integers(1, 4), st.integers(1, 3), st.just(1))
any_layer = pooling | st.tuples(st.just(convolution), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=40, deadline=None)
@given(st.lists(any_layer, min_size=1, max_size=4))
def test_formula_equals_gradient_probe(drawn):
    stack = nn.Sequential(*(build(*geometry) for build, *geometry in drawn))
    side = receptive_field([tuple(geometry) for _, *geometry in drawn])
    steps = math.prod(stride for _, _, stride, _ in drawn)

    assert probed_receptive_field(stack, side + 2 * steps, in_channels=3) == side  # the map is 3 x 3, its centre inside


@pytest.mark.parametrize("layers, by_hand", [
    pytest.param([1, 1, 1], 1, id="1x1 layers see one pixel"),
    pytest.param([3, 3, 3], 7, id="three 3x3"),
    pytest.param([(3, 2), 3], 3 + 2 * 2, id="a stride widens the layers after it"),
    pytest.param([3, (3, 2)], 3 + 2, id="and not its own"),
    pytest.param([(3, 1, 5)], 1 + 2 * 5, id="dilation"),
    pytest.param([(11, 4), (3, 2), 5, (3, 2), 3, 3, 3, (3, 2)],
                 11 + 2 * 4 + 4 * 8 + 2 * 8 + 3 * (2 * 16) + 2 * 16, id="AlexNet up to its last pooling: 195 px"),
])
def test_formula_by_hand(layers, by_hand):
    assert receptive_field(layers) == by_hand


def test_probe_reads_a_published_network():
    """ResNet-18 up to its first stage, built without weights: the longest path is 7x7/2, pool 3x3/2, four 3x3."""
    with weightless():
        net = torchvision.models.resnet18()
    start = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool, net.layer1)

    assert probed_receptive_field(start, 64, in_channels=3) == receptive_field([(7, 2), (3, 2), 3, 3, 3, 3])


@pytest.mark.parametrize("kernel", [(1, 5), (5, 1)], ids=["wide", "high"])
def test_probe_gives_the_longer_side(kernel):
    assert probed_receptive_field(nn.Conv2d(2, 3, kernel), 9, in_channels=2) == 5


class FunctionalPooling(nn.Module):
    def forward(self, x):
        return torch.max_pool2d(F.max_pool2d(x, 3, 1), 5, 1)


def test_probe_sees_the_losers_of_a_functional_max_pooling():
    assert probed_receptive_field(FunctionalPooling(), 16, in_channels=2) == receptive_field([3, 5])


def test_probe_leaves_the_module_as_it_was():
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    probed_receptive_field(net, 8, in_channels=2)

    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("module, error, message", [
    pytest.param(nn.Conv2d(2, 2, 7, padding=3), ImageTooSmall, "with a larger one", id="window as large as the image"),
    pytest.param(nn.MaxPool2d(2, dilation=2), UnprobedPooling, "add it by receptive_field", id="dilated pooling"),
])
def test_probe_refuses_what_it_cannot_see(module, error, message):
    with pytest.raises(error, match=message):
        probed_receptive_field(module, 7, in_channels=2)
