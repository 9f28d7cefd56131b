"""L8: ResNet, the claims that counting, identities and gradients at initialization decide."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_multiply_adds, count_weight_layers
from lab.counting.meta_device import weightless
from lab.device import one_thread
from lab.models.resnet import Residual, ResNet, basic_branch
from lab.models.small.ladder import DepthLadder
from lab.models.vgg import VGG

GOOGLENET = 6.67     # top-5 test error, 7 nets x 144 crops: Szegedy et al. 2015, table 2


@claim("resnet-won-2015")
@pytest.mark.exact
@pytest.mark.parametrize("depth", [
    pytest.param(152, id="ResNet-152"),
    pytest.param(101, id="ResNet-101", marks=counterexample("its stages have 3, 4, 23 and 3 blocks: 101 layers")),
])
def test_resnet_has_152_layers(depth, evidence):
    """ResNet-152 has one convolution, 3 + 8 + 36 + 3 blocks of three convolutions, and one FC layer."""
    with weightless():
        counted = count_weight_layers(ResNet(depth))
    evidence.measured("depth", counted, expected=1 + 3 * (3 + 8 + 36 + 3) + 1, unit="layers with weights",
                      convention="projection shortcuts lie beside the path", source="He et al. 2016, table 1")

    assert counted == 1 + 3 * (3 + 8 + 36 + 3) + 1


@pytest.fixture(scope="module")
def resnet_152():
    """Its multiply-adds for a photograph, in 10^9."""
    with weightless():
        net = ResNet(152, stride_in_3x3=False)
    return count_multiply_adds(net, torch.empty(1, 3, 224, 224)) / 1e9


@claim("resnet-won-2015")
@pytest.mark.exact
@pytest.mark.parametrize("configuration", [
    pytest.param("D", id="VGG-16"),
    pytest.param("A", id="VGG-11", marks=counterexample("the 11-layer VGG takes 7.6 G: fewer than ResNet-152")),
])
def test_152_layers_take_fewer_multiply_adds_than_vgg(configuration, resnet_152, evidence):
    """ResNet-152 is 8 times as deep as VGG-19 and takes fewer multiply-adds than VGG-16."""
    with weightless():
        vgg = count_multiply_adds(VGG(configuration), torch.empty(1, 3, 224, 224)) / 1e9
    evidence.measured("ResNet-152", resnet_152, expected=11.3, unit="G multiply-adds", source="He et al. 2016, table 1")
    evidence.measured("VGG", vgg, unit="G multiply-adds", convention="FC layers included")

    assert resnet_152 < vgg


@claim("resnet-won-2015")
@pytest.mark.record
@pytest.mark.parametrize("error", [
    pytest.param(3.57, id="six nets together"),                       # He et al. 2016, table 5, test set
    pytest.param(4.49, id="one ResNet-152, several scales",           # He et al. 2016, table 4, validation set
                 marks=counterexample("a single net at its best has 4.49 %, 2.2 points below GoogLeNet's seven")),
    pytest.param(6.7, id="one ResNet-152, one crop",                  # KaimingHe/deep-residual-networks, README
                 marks=counterexample("on one crop a single net has 6.7 %, just what GoogLeNet's ensemble had")),
])
def test_six_nets_together_brought_the_error_to_3_57(error, evidence):
    """The fall from 6.67 % to 3.57 % is from seven nets to six nets together: no single net reached 3.57 %."""
    fall = GOOGLENET - error
    evidence.measured("fall of the top-5 error since GoogLeNet", fall, expected=3.1, unit="points",
                      convention="single nets: validation set",
                      source="He et al. 2016, section 4.1, tables 4 and 5; Szegedy et al. 2015, table 2")

    assert round(fall, 1) == round(6.7 - 3.57, 1)


@claim("residual-learns-small-changes")
@pytest.mark.exact
@pytest.mark.parametrize("shortcut, lowest", [
    pytest.param(nn.Identity(), 0.0, id="residual block"),
    pytest.param(None, 0.0, id="plain layers", marks=counterexample("without the shortcut nothing is left of x")),
    pytest.param(nn.Identity(), -1.0, id="negative inputs",
                 marks=counterexample("the ReLU after the addition cuts negative values: identity only after a ReLU")),
])
def test_a_residual_block_that_learns_nothing_is_the_identity(shortcut, lowest, evidence):
    """A residual block whose branch is zero hands its input on unchanged, so the branch has only changes to learn."""
    block = Residual(basic_branch(7, 7), shortcut)
    nn.init.zeros_(block.branch[-1].weight)                # BatchNorm's scale: the branch answers 0
    x = lowest + torch.rand(3, 7, 11, 5)
    change = (block(x) - x).abs().max().item()
    evidence.measured("largest change of a value", change, expected=0.0)

    assert change == 0


def added(branch: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return branch + x


def concatenated(branch: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The concatenation, projected by a 1x1 convolution that has not (yet) given x any weight: [I 0]."""
    identity = torch.eye(x.shape[1])
    weight = torch.cat([identity, 0 * identity], dim=1)    # (C, 2C)
    return F.conv2d(torch.cat([branch, x], dim=1), weight[:, :, None, None])


@claim("residual-short-gradient-path")
@pytest.mark.parametrize("join", [
    pytest.param(added, id="x added"),
    pytest.param(concatenated, id="x concatenated",
                 marks=counterexample("behind a projection the way past the branch has to be learned first")),
    pytest.param(lambda branch, x: branch, id="x dropped", marks=counterexample("plain layers have no other way")),
])
@pytest.mark.parametrize("scale", [pytest.param(0.0, id="zero branch"), pytest.param(0.5, id="random branch")])
def test_the_gradient_reaches_x_as_it_is(join, scale, evidence):
    """For y = F(x) + x the gradient of x is the gradient of y, unchanged, plus what comes through F: g (I + J)."""
    branch = nn.Conv2d(7, 7, 3, padding=1)
    nn.init.uniform_(branch.weight, -scale, scale)
    x, gradient = torch.randn(2, 7, 5, 11, requires_grad=True), torch.randn(2, 7, 5, 11)
    (of_x,) = torch.autograd.grad(join(branch(x), x), x, gradient)
    (through_branch,) = torch.autograd.grad(branch(x), x, gradient)
    error = (of_x - through_branch - gradient).abs().max().item()
    evidence.measured("largest difference from g (I + J)", error, expected="below 1e-5")

    assert error < 1e-5


DEPTHS = (8, 20, 32, 56)
ARMS = {"plain, BN": (False, True), "residual, BN": (True, True), "plain": (False, False), "residual": (True, False)}


def first_gradient(depth: int, residual: bool, batch_norm: bool, seed: int) -> float:
    """Norm of the loss's gradient at the first convolution's weights, before any training, on noise images."""
    torch.manual_seed(seed)
    net = DepthLadder(depth, residual, width=5)
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.BatchNorm2d) and not batch_norm:
            net.set_submodule(name, nn.Identity())
    loss = F.cross_entropy(net.double()(torch.randn(20, 1, 8, 8).double()), torch.arange(20) % 10)
    return torch.autograd.grad(loss, net.stem[0].weight)[0].norm().item()


@pytest.fixture(scope="module")
def gradients():
    """{arm: [[norm of each of three seeds] of each depth]}, with PyTorch's own initialization."""
    with one_thread():
        return {arm: [[first_gradient(depth, *design, seed) for seed in range(3)] for depth in DEPTHS]
                for arm, design in ARMS.items()}


@claim("residual-short-gradient-path")
@pytest.mark.parametrize("arm", [
    pytest.param("residual", id="residual"),
    pytest.param("plain", id="plain", marks=counterexample("each plain layer weakens the gradient: 1e-27 at depth 56")),
])
def test_the_first_layers_gradient_does_not_fade_with_depth(arm, gradients, evidence):
    """With shortcuts the first layer's gradient is as large at depth 56 as at depth 8, even without BatchNorm."""
    shallow, deep = min(gradients[arm][0]), min(gradients[arm][-1])
    evidence.measured("gradient norm at depth 8", shallow, convention="PyTorch's initialization, smallest of 3 seeds")
    evidence.measured("gradient norm at depth 56", deep, expected="above half of that")
    evidence.figure("lines", "Gradient of the first layer at initialization", x=list(DEPTHS),
                    series={arm: [sum(seeds) / 3 for seeds in by_depth] for arm, by_depth in gradients.items()},
                    xlabel="weight layers", ylabel="norm of the gradient", logy=True)

    assert deep > shallow / 2


@claim("plain-fails-by-vanishing")
@pytest.mark.exact
@pytest.mark.parametrize("arm", [
    pytest.param("plain, BN", id="with BN"),
    pytest.param("plain", id="without BN", marks=counterexample("without BatchNorm they do vanish with depth")),
])
def test_a_plain_nets_gradient_does_not_vanish_at_initialization(arm, gradients, evidence):
    """In plain nets with BatchNorm the first layer's gradient, before training, explodes with depth: no vanishing."""
    shallow, deep = max(gradients[arm][0]), min(gradients[arm][-1])
    evidence.measured("gradient norm at depth 8", shallow, convention="PyTorch's initialization, largest of 3 seeds")
    evidence.measured("gradient norm at depth 56", deep, expected="100 times that", convention="smallest of 3 seeds")

    assert deep > 100 * shallow
