"""Are the nets for colour images what their docstrings say: sizes, start, what is watched, twins but for a module?"""
import pytest
import torch
from torch import nn

from lab.counting.meta_device import output_shape
from lab.counting.parameters import count_parameters
from lab.models.lenet import LeNet
from lab.models.small.chain import GAIN, NoLayers
from lab.models.small.colour import FourLayers, WatchedLeNet, WideColour, attended_ladder
from selfcheck.model_checks import silent_parameters

LADDER = sum(9 * i * o + 2 * o for i, o in zip((3, 4, 4, 4, 8, 8, 16), (4, 4, 4, 8, 8, 16, 16))) + (16 + 1) * 10
CHANNELS = (4, 8, 16)                           # of the three branches
SE = sum(2 * c * c // 4 + c // 4 + c for c in CHANNELS)


@pytest.mark.parametrize("net, parameters", [
    pytest.param(lambda: WideColour(7), (3072 + 1) * 7 + (7 + 1) * 10, id="wide"),
    pytest.param(FourLayers, (75 + 1) * 32 + (800 + 1) * 32 + (800 + 1) * 64 + (64 * 16 + 1) * 10, id="four layers"),
    pytest.param(lambda: FourLayers(nn.Tanh, (3, 5, 7)), 76 * 3 + 76 * 5 + 126 * 7 + (7 * 16 + 1) * 10, id="narrow"),
    pytest.param(WatchedLeNet, 62_006, id="LeNet"),
    pytest.param(lambda: NoLayers(3, inputs=3 * 16 * 16), (768 + 1) * 10, id="no layers"),
    pytest.param(lambda: attended_ladder(depth=8, width=4), LADDER, id="ladder"),
    pytest.param(lambda: attended_ladder("SE", depth=8, width=4), LADDER + SE, id="ladder, SE"),
    pytest.param(lambda: attended_ladder("CBAM", depth=8, width=4), LADDER + SE + 3 * (98 + 2), id="ladder, CBAM"),
    pytest.param(lambda: attended_ladder("ECA", depth=8, width=4), LADDER + 1 + 3 + 3, id="ladder, ECA"),
])
def test_nets_for_colour_images_have_their_size_and_learn_everywhere(net, parameters):
    torch.manual_seed(5)
    model, images = net(), torch.randn(17, 3, 32, 32)

    assert count_parameters(model) == parameters
    assert output_shape(model, images) == (17, 10)
    assert silent_parameters(model, images) == []


@pytest.mark.parametrize("activation, gained", [(nn.ReLU, True), (nn.Tanh, True), (nn.ReLU, False)])
def test_four_layers_start_with_the_gain_of_their_activation_or_as_torch_starts_them(activation, gained):
    net = FourLayers(activation, gained=gained)
    started = [(net[0][0], 75, GAIN[activation]), (net[1][0], 800, GAIN[activation]), (net[4], 1024, 1)]

    for layer, fan_in, gain in started:
        expected = gain if gained else 3**-0.5
        assert layer.weight.std().item() == pytest.approx(expected / fan_in**0.5, rel=0.06)
        assert layer.bias.any() != gained


def test_lenet_is_watched_at_its_four_hidden_layers():
    """The same weights from a seed, and each layer's output where the next one begins."""
    torch.manual_seed(3)
    net = WatchedLeNet()
    torch.manual_seed(3)
    plain, x = LeNet(in_channels=3), torch.randn(5, 3, 32, 32)
    seen = []
    for layer in net.layers:
        layer.register_forward_hook(lambda layer, _, out: seen.append(out))

    assert torch.equal(net(x), plain(x))
    assert [tuple(out.shape) for out in seen] == [(5, 6, 14, 14), (5, 16, 5, 5), (5, 120), (5, 84)]
    torch.testing.assert_close(seen[2], plain.classifier[:2](plain.features(x)))
    assert net.shrink(x).shape == (5, 3, 16, 16)


@pytest.mark.parametrize("module", ["SE", "CBAM", "ECA"])
def test_with_a_module_a_ladder_has_its_twins_start(module):
    nets = []
    for attended in (None, module):
        torch.manual_seed(7)
        nets.append(attended_ladder(attended, depth=8, width=4))
    plain, other = ([p for p in net.parameters() if p.dim() == 4 and p.shape[-1] == 3] for net in nets)

    assert len(plain) == 7 and all(torch.equal(one, its_twin) for one, its_twin in zip(plain, other))
