"""The counts against published metadata, products counted one by one, arithmetic by hand, and other counters."""

import itertools

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from lab.counting.meta_device import weightless
from lab.counting.multiply_adds import count_multiply_adds
from lab.counting.other_counters import flop_counter_multiply_adds, fvcore_multiply_adds, torchinfo_multiply_adds
from lab.counting.parameters import count_parameters

# torchvision's num_params leaves GoogLeNet's auxiliary heads out, and has Inception-v3's in
PUBLISHED_AS = {"googlenet": {"aux_logits": False}}


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize("name", torchvision.models.list_models(module=torchvision.models))
def test_counts_equal_torchvisions_metadata(name):
    """Every set of weights, each at its own image size; _ops is in 1e9 multiply-adds, printed to 3 digits."""
    published, counted = {}, {}
    for weights in torchvision.models.get_model_weights(name):
        (size,) = set(weights.transforms().crop_size)
        shape = {"image_size": size} if name.startswith("vit") else {}
        with weightless():
            model = torchvision.models.get_model(name, weights=None, **shape, **PUBLISHED_AS.get(name, {})).eval()
        multiply_adds = count_multiply_adds(model, torch.empty(1, 3, size, size, device="meta"))
        published[weights.name] = weights.meta["num_params"], weights.meta["_ops"]
        counted[weights.name] = count_parameters(model), round(multiply_adds / 1e9, 3)

    assert published
    assert counted == published


def naive_convolution(x, weight, stride, padding, dilation, groups):
    """(output, multiply-adds): the textbook's loops, one product at a time, padding written into the map."""
    x = F.pad(x, [padding] * 4)
    out_channels, channels_of_group, kernel = weight.shape[:3]
    side = [(length - dilation * (kernel - 1) - 1) // stride + 1 for length in x.shape[2:]]
    output, count = torch.zeros(x.shape[0], out_channels, *side, dtype=x.dtype), 0
    for n, o, i, j in itertools.product(*map(range, output.shape)):
        group = o // (out_channels // groups)
        for c, u, v in itertools.product(*map(range, weight.shape[1:])):
            row, column = i * stride + u * dilation, j * stride + v * dilation
            output[n, o, i, j] += weight[o, c, u, v] * x[n, group * channels_of_group + c, row, column]
            count += 1
    return output, count


@settings(max_examples=40, deadline=None)
@given(batch=st.integers(1, 2), groups=st.integers(1, 3), ins=st.integers(1, 2), outs=st.integers(1, 2),
       kernel=st.integers(1, 3), stride=st.integers(1, 3), padding=st.integers(0, 2), dilation=st.integers(1, 2),
       height=st.integers(1, 5), width=st.integers(1, 5))
def test_multiply_adds_of_a_convolution_counted_one_by_one(batch, groups, ins, outs, kernel, stride, padding, dilation,
                                                           height, width):
    """The loops do compute this convolution, so their number of products is its number of multiply-adds."""
    assume(min(height, width) + 2 * padding > dilation * (kernel - 1))
    geometry = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    module = nn.Conv2d(ins * groups, outs * groups, kernel, **geometry, bias=False, dtype=torch.float64)
    x = torch.randn(batch, ins * groups, height, width, dtype=torch.float64)
    output, one_by_one = naive_convolution(x, module.weight.detach(), **geometry)

    torch.testing.assert_close(output, module(x).detach())
    assert count_multiply_adds(module, x) == one_by_one


class Functional(nn.Module):
    """A module around a function, because much real code calls functions and not modules."""

    def __init__(self, function):
        super().__init__()
        self.forward = function


encoder_layer = nn.TransformerEncoderLayer(14, 2, 11, batch_first=True).eval()
attention = 3 * 5 * 14 * (14 + 14 + 14) + 2 * (3 * 2 * 5 * 5 * 7) + 3 * 5 * 14 * 14  # q, k, v; QK^T and AV; out
twice = nn.Linear(7, 7)


@pytest.mark.parametrize("module, shapes, by_hand", [
    pytest.param(nn.Conv1d(3, 5, 7), [(2, 3, 19)], 2 * 5 * 13 * 3 * 7, id="1-d convolution, 19 -> 13"),
    pytest.param(nn.Conv2d(3, 7, 5), [(1, 3, 11, 13)], 7 * 7 * 9 * 3 * 5 * 5, id="11 x 13 -> 7 x 9"),
    pytest.param(nn.Conv2d(3, 7, (1, 5)), [(1, 3, 11, 13)], 7 * 11 * 9 * 3 * 1 * 5, id="1x5 kernel, 11 x 13 -> 11 x 9"),
    pytest.param(nn.Conv2d(6, 15, 3, groups=3), [(1, 6, 7, 5)], 15 * 5 * 3 * 2 * 3 * 3, id="three groups"),
    pytest.param(nn.Conv3d(2, 3, 3), [(1, 2, 5, 7, 9)], 3 * 3 * 5 * 7 * 2 * 27, id="3-d convolution"),
    pytest.param(nn.ConvTranspose2d(6, 15, 5, 2, groups=3), [(1, 6, 7, 11)], 6 * 7 * 11 * 5 * 5 * 5,
                 id="transposed: each input value meets one filter"),
    pytest.param(nn.Linear(7, 11), [(5, 3, 7)], 5 * 3 * 7 * 11, id="linear at 5 x 3 positions"),
    pytest.param(nn.Sequential(twice, nn.Tanh(), twice), [(3, 7)], 2 * 3 * 7 * 7, id="one layer used twice"),
    pytest.param(nn.LSTM(7, 5), [(3, 2, 7)], 3 * 2 * 4 * 5 * (7 + 5), id="LSTM: four gates, input and state"),
    pytest.param(Functional(F.conv2d), [(1, 3, 7, 7), (2, 3, 3, 3)], 2 * 5 * 5 * 3 * 9, id="functional convolution"),
    pytest.param(Functional(lambda a, b: a @ b), [(3, 5, 7), (7, 11)], 3 * 5 * 7 * 11, id="@"),
    pytest.param(Functional(torch.mv), [(3, 5), (5,)], 3 * 5, id="matrix by vector"),
    pytest.param(Functional(torch.dot), [(7,), (7,)], 7, id="dot product"),
    pytest.param(Functional(torch.baddbmm), [(3, 5, 11), (3, 5, 7), (3, 7, 11)], 3 * 5 * 7 * 11, id="product and sum"),
    pytest.param(Functional(lambda a, b: torch.einsum("nchw,oc->nohw", a, b)), [(2, 3, 5, 7), (11, 3)],
                 2 * 3 * 5 * 7 * 11, id="einsum"),
    pytest.param(Functional(F.scaled_dot_product_attention), [(3, 2, 5, 7), (3, 2, 11, 7), (3, 2, 11, 13)],
                 3 * 2 * 5 * 11 * (7 + 13), id="attention: 5 queries, 11 keys"),
    pytest.param(encoder_layer, [(3, 5, 14)], attention + 2 * (3 * 5 * 14 * 11), id="encoder layer in eval mode"),
    pytest.param(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2)), [(2, 3, 8, 8)], 0,
                 id="normalisation, activation and pooling"),
])
def test_multiply_adds_by_hand(module, shapes, by_hand):
    inputs = [torch.randn(shape) for shape in shapes]
    with torch.inference_mode():
        assert count_multiply_adds(module, *inputs) == by_hand
    assert count_multiply_adds(module, *inputs) == by_hand


def test_all_counters_agree_on_convolutions_without_bias():
    """Where no convention differs; 11 x 11 -> 6 x 6 -> 4 x 4."""
    net = nn.Sequential(nn.Conv2d(3, 10, 3, 2, 1, bias=False), nn.ReLU(), nn.Conv2d(10, 15, 3, groups=5, bias=False))
    x = torch.randn(1, 3, 11, 11)
    counters = [count_multiply_adds, flop_counter_multiply_adds, fvcore_multiply_adds, torchinfo_multiply_adds]

    assert [counter(net, x) for counter in counters] == [10 * 6 * 6 * 3 * 9 + 15 * 4 * 4 * 2 * 9] * 4


@pytest.mark.parametrize("counter, extra", [
    pytest.param(count_multiply_adds, 0, id="ours: none"),
    pytest.param(flop_counter_multiply_adds, 0, id="FlopCounterMode: none"),
    pytest.param(torchinfo_multiply_adds, 5 * 9 * 9 + 2 * 5, id="torchinfo: bias at each position, BatchNorm once"),
    pytest.param(fvcore_multiply_adds, 5 * 9 * 9 * 2, id="fvcore: BatchNorm, twice a value"),
])
def test_counters_add_their_own_conventions(counter, extra):
    """A biased convolution, 11 x 11 -> 9 x 9, and BatchNorm in eval mode."""
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5)).eval()

    assert counter(net, torch.randn(1, 3, 11, 11)) == 5 * 9 * 9 * 3 * 9 + extra


@pytest.mark.parametrize("counter", [count_multiply_adds, flop_counter_multiply_adds, torchinfo_multiply_adds])
def test_a_network_is_counted_in_its_present_mode(counter):
    """With a head that only training needs."""
    class Headed(nn.Sequential):
        def forward(self, x):
            return self[0](x) + self[1](x) if self.training else self[0](x)

    net, x = Headed(nn.Linear(7, 5, bias=False), nn.Linear(7, 5, bias=False)), torch.randn(1, 7)

    assert [counter(net.train(mode), x) for mode in (False, True)] == [7 * 5, 2 * 7 * 5]


@pytest.mark.parametrize("module, weights, biases", [
    pytest.param(nn.Conv2d(6, 15, 7, groups=3), 15 * 2 * 49, 15, id="grouped convolution"),
    pytest.param(nn.BatchNorm2d(7), 7, 7, id="BatchNorm: gamma is a weight, beta a bias, statistics neither"),
    pytest.param(nn.MultiheadAttention(14, 2), 3 * 14 * 14 + 14 * 14, 3 * 14 + 14, id="attention"),
    pytest.param(nn.LSTM(7, 5), 4 * 5 * (7 + 5), 2 * 4 * 5, id="LSTM"),
    pytest.param(nn.Sequential(twice, twice), 7 * 7, 7, id="a layer used twice counts once"),
])
def test_parameters_by_hand(module, weights, biases):
    assert (count_parameters(module, bias=False), count_parameters(module)) == (weights, weights + biases)
