"""L3: what low and high layers learn: how far a unit sees, and what makes two kernels differ."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import probed_receptive_field, receptive_field
from lab.counting.geometry import stack
from lab.counting.gradients import weight_history

BLOCK_2, BLOCK_3 = [(3, 1), (3, 1), (2, 2)], [(3, 1), (3, 1), (3, 1), (2, 2)]  # (kernel, stride); the last one pools
VGG_16 = [*BLOCK_2, *BLOCK_2, *BLOCK_3, *BLOCK_3, *BLOCK_3]


def one_map(layers):
    """A convolution of one map for each (kernel, stride) or (kernel, stride, dilation), without padding."""
    return nn.Sequential(*[nn.Conv2d(1, 1, kernel, stride, 0, *dilation) for kernel, stride, *dilation in layers])


@claim("deeper-units-see-more")
@pytest.mark.parametrize("layers", [
    pytest.param([(3, 1)] * 5, id="five 3x3"),
    pytest.param([(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)], id="LeNet-5"),
    pytest.param([(3, 1, 1), (3, 1, 2), (3, 1, 4)], id="3x3 with dilation 1, 2, 4"),
    pytest.param(VGG_16, id="VGG-16"),
    pytest.param([(1, 1)] * 5, id="five 1x1", marks=counterexample("a 1x1 kernel mixes maps and sees a single pixel")),
])
def test_each_deeper_unit_sees_a_wider_window(layers, evidence):
    """The deeper a unit, the wider its window on the image: found by gradients, and as the formula predicts."""
    depths = range(1, len(layers) + 1)
    formula = [receptive_field(layers[:depth]) for depth in depths]
    probed = [probed_receptive_field(one_map(layers[:depth]), image_size=257, in_channels=1) for depth in depths]
    evidence.preset(stack(layers), receptive_field=probed[-1])
    evidence.measured("side of the window after each layer", probed, expected=formula, unit="px")
    evidence.figure("lines", "The receptive field grows with depth", x=list(depths), xlabel="layer", ylabel="side (px)",
                    series={"by gradient": probed, "by formula": formula})

    assert probed == formula and all(deeper > shallower for shallower, deeper in pairwise(probed))


def twins(net):
    """Both kernels and all that leaves them are equal."""
    convolution, _, _, linear = net
    halves = linear.weight.unflatten(1, (2, -1))  # (classes, 2 * positions) -> (classes, 2, positions)
    for pair in (convolution.weight, convolution.bias, halves.transpose(0, 1)):
        pair[1] = pair[0]


def twins_by_kernel_only(net):
    """Both kernels are equal, the weights that leave them are random."""
    for pair in (net[0].weight, net[0].bias):
        pair[1] = pair[0]


def random_start(net):
    """As PyTorch draws them."""


@claim("kernels-differ")
@pytest.mark.exact
@pytest.mark.parametrize("start", [
    pytest.param(twins, id="equal kernels, equal outgoing weights"),
    pytest.param(random_start, id="random kernels", marks=counterexample("random initial weights tell kernels apart")),
    pytest.param(twins_by_kernel_only, id="equal kernels, random outgoing weights",
                 marks=counterexample("unequal outgoing weights send the kernels unequal gradients")),
])
def test_kernels_without_a_difference_never_part(start, evidence):
    """Two kernels that start equal, with equal outgoing weights, get equal gradients: training never parts them."""
    net = nn.Sequential(nn.Conv2d(3, 2, kernel_size=5), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 7 * 7, 13)).double()
    with torch.no_grad():
        start(net)
    images, labels = torch.randn(17, 3, 11, 11, dtype=torch.float64), torch.randint(13, (17,))
    first, second = weight_history(net, "0.weight", images, labels, steps=29, lr=0.1).unbind(dim=1)  # (30, 3, 5, 5)
    apart = (first - second).flatten(1).norm(dim=1)
    evidence.measured("distance of the kernels before and after 29 steps", apart[[0, -1]], expected=[0.0, 0.0])
    evidence.figure("lines", "Distance between two kernels in training", x=list(range(len(apart))), xlabel="step",
                    ylabel="distance", series={"first and second kernel": apart})

    assert apart.max() < 1e-12  # rounding of float64 in sums of about 1
