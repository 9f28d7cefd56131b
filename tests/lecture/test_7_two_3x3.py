"""Section 7: two 3x3 convolutions in the place of a 5x5, what they save, what they cannot do, and who did it first."""

from itertools import pairwise

import numpy as np
import pytest
import torchvision
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters, probed_receptive_field, receptive_field
from lab.counting.geometry import stack
from lab.counting.meta_device import weightless
from lab.counting.stacked_kernels import nearest_two_3x3, reachable_dimensions
from lab.models.inception import TABLE_1, GoogLeNet, Inception
from lab.models.inception_later import BN_INCEPTION, bn_inception, inception_v3, module_a, v2_module

TO_V3 = {"V2": 23.4, "RMSProp": 23.1, "label smoothing": 22.8, "7x7 as 3x3": 21.6, "BatchNorm in the head": 21.2}


def stacked(widths, kernels, bias=False):
    """Convolutions in a row, from widths[0] to widths[-1] channels, without activations; the map keeps its size."""
    return nn.Sequential(*(nn.Conv2d(ins, outs, kernel, padding=kernel // 2, bias=bias)
                           for (ins, outs), kernel in zip(pairwise(widths), kernels, strict=True)))


def kernel_sides(module):
    return [layer.kernel_size[0] for layer in module.modules() if isinstance(layer, nn.Conv2d)]


@claim("two-3x3-replace-5x5")
@pytest.mark.parametrize("widths, bias", [
    pytest.param((7, 7, 7), False, id="equal widths, 7 channels"),
    pytest.param((64, 64, 64), False, id="equal widths, 64 channels"),
    pytest.param((7, 7, 7), True, id="with biases", marks=counterexample("the stack has twice the biases")),
    pytest.param((16, 32, 32), False, id="16 to 32, as in module 3a",
                 marks=counterexample("the wider second layer costs more than the 5x5: 13,824 against 12,800")),
])
def test_two_3x3_have_18_weights_for_25(widths, bias, evidence):
    """Between equal widths two 3x3 layers have 18 weights for each 25 of a 5x5 layer."""
    first, *_, last = widths
    stack = count_parameters(stacked(widths, [3, 3], bias))
    single = count_parameters(stacked([first, last], [5], bias))
    evidence.measured("two 3x3 against one 5x5", [stack, single], expected=[18 * first * last, 25 * first * last],
                      convention="with biases" if bias else "weights only")
    evidence.figure("bars", f"Parameters from {first} to {last} channels", unit="parameters",
                    labels=["two 3x3", "one 5x5"], values=[stack, single])

    assert stack / single == (3 * 3 + 3 * 3) / (5 * 5)


@claim("two-3x3-replace-5x5")
@pytest.mark.parametrize("kernels", [
    pytest.param([3, 3], id="3x3, 3x3"),
    pytest.param([3, 1], id="3x3, 1x1", marks=counterexample("a 1x1 layer doesn't widen the view")),
    pytest.param([3, 3, 3], id="three 3x3", marks=counterexample("three see 7x7")),
])
def test_two_3x3_see_5x5(kernels, evidence):
    """Two stacked 3x3 layers see exactly the window that one 5x5 layer sees."""
    by_formula = receptive_field(kernels)
    by_gradient = probed_receptive_field(stacked([2] * (len(kernels) + 1), kernels), image_size=13, in_channels=2)
    evidence.preset(stack(kernels), receptive_field=by_gradient)
    evidence.measured("window by formula", by_formula, expected=5, unit="px")
    evidence.measured("window by gradient", by_gradient, expected=5, unit="px")

    assert by_formula == by_gradient == 5


@claim("two-3x3-replace-5x5")
@pytest.mark.parametrize("width, between", [
    pytest.param(1, 1, id="one channel"),
    pytest.param(2, 2, id="two channels"),
    pytest.param(3, 3, id="three channels"),
    pytest.param(1, 2, id="wider between",
                 marks=counterexample("two channels between reach all 25 dimensions, with 36 weights")),
])
def test_two_3x3_reach_17_of_25_dimensions(width, between, evidence):
    """At equal widths two linear 3x3 layers reach 17 of the 25 dimensions of a 5x5 layer's kernels."""
    reached, all_there_are = reachable_dimensions(width, between, width), 25 * width**2
    evidence.measured("dimensions that two 3x3 reach", reached, expected=17 * width**2,
                      convention="18 weights a channel pair, less the channel mixing between the layers that cancels")
    evidence.measured("dimensions of all 5x5 kernels", all_there_are)

    assert reached == (9 + 9 - 1) * width**2 < all_there_are


CROSS = np.maximum.outer(np.arange(5) == 2, np.arange(5) == 2)


@claim("two-3x3-replace-5x5")
@pytest.mark.parametrize("kernel", [
    pytest.param(CROSS, id="a cross"),
    pytest.param(np.random.default_rng(5).standard_normal((5, 5)), id="a random kernel"),
    pytest.param(np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256, id="binomial blur",
                 marks=counterexample("it is the 3x3 binomial blur, twice")),
])
def test_some_5x5_kernels_are_out_of_reach(kernel, evidence):
    """Some 5x5 kernels are more than a tenth away from everything that two 3x3 can make."""
    best, error = nearest_two_3x3(kernel)
    evidence.measured("relative error of the best two 3x3", error, convention="least squares, best of 10 starts")
    low, high = min(kernel.min(), best.min()), max(kernel.max(), best.max())
    evidence.figure("images", "A 5x5 kernel and the best that two 3x3 make of it", labels=["5x5", "two 3x3"],
                    images=[((shown - low) / (high - low)).tolist() for shown in (kernel.astype(float), best)])

    assert error > 0.1


@claim("two-3x3-replace-5x5")
@pytest.mark.record
@pytest.mark.parametrize("paper, module", [
    pytest.param("1502.03167", v2_module(*BN_INCEPTION["3a"]), id="BN-Inception"),
    pytest.param("1409.4842", Inception(*TABLE_1["3a"]), id="GoogLeNet", marks=counterexample("earlier, but with 5x5")),
    pytest.param("1512.00567", module_a(192, 32), id="Inception V3", marks=counterexample("not before itself")),
])
def test_bn_inception_replaced_5x5_before_v3(paper, module, evidence):
    """BN-Inception replaced the 5x5 branch by two 3x3 ten months before Inception V3."""
    month, v3_month = (12 * int(number[:2]) + int(number[2:4]) for number in (paper, "1512.00567"))  # arXiv: yymm
    branch = kernel_sides(module.branches[2])
    evidence.measured("months before Inception V3", v3_month - month, expected=10,
                      source=f"arXiv:{paper}, arXiv:1512.00567")
    evidence.measured("kernels of the branch with the widest view", branch, expected=[1, 3, 3],
                      source="Ioffe & Szegedy 2015, arXiv:1502.03167, fig. 5")

    assert (v3_month - month, branch) == (12 - 2, [1, 3, 3])  # arXiv:1502.03167, arXiv:1512.00567: 2015-02, 2015-12


@claim("two-3x3-replace-5x5")
@pytest.mark.parametrize("build", [
    pytest.param(lambda: torchvision.models.inception_v3(aux_logits=False, init_weights=False), id="torchvision's"),
    pytest.param(inception_v3, id="the lab's"),
    pytest.param(bn_inception, id="BN-Inception", marks=counterexample("V2 has no 5x5 at all")),
    pytest.param(GoogLeNet, id="GoogLeNet", marks=counterexample("V1 has one in each of nine modules")),
    pytest.param(lambda: torchvision.models.inception_v3(init_weights=False), id="with the auxiliary head",
                 marks=counterexample("the head, for training only, has a fourth")),
])
def test_released_v3_still_has_5x5_in_three_modules(build, evidence):
    """The released Inception V3 still has a 5x5 convolution in each of its three 35 px modules."""
    with weightless():
        sides = kernel_sides(build())
    evidence.measured("5x5 convolutions", sides.count(5), expected=3, source="torchvision, inception.py, branch5x5_2")

    assert sides.count(5) == 3  # Mixed_5b, Mixed_5c, Mixed_5d of torchvision's inception.py


@claim("two-3x3-replace-5x5")
@pytest.mark.record
@pytest.mark.parametrize("step", [
    pytest.param("7x7 as 3x3", id="7x7 as 3x3 convolutions"),
    pytest.param("label smoothing", id="label smoothing",
                 marks=counterexample("0.3 points: the other steps gain more")),
    pytest.param("BatchNorm in the head", id="BatchNorm in the head",
                 marks=counterexample("0.4 points: a third of the largest step")),
])
def test_of_the_steps_from_v2_to_v3_one_gains_more_than_the_others_together(step, evidence):
    """Of the four steps from V2 to V3 the 7x7 convolution made of 3x3 ones gains more than the others together."""
    gains = {name: before - after for (_, before), (name, after) in pairwise(TO_V3.items())}
    evidence.measured("top-1 errors, each step added to those before", list(TO_V3.values()), unit="%",
                      source="Szegedy et al. 2016, arXiv:1512.00567, table 3", convention="single crop, validation set")
    evidence.figure("bars", "What each step from V2 to V3 gains", labels=list(gains), unit="points",
                    values=[round(gain, 1) for gain in gains.values()])

    assert gains[step] > sum(gains.values()) - gains[step]
