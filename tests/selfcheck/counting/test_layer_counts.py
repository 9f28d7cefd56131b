"""Each kind of layer by its own name, with its counts by hand: theory and fvcore take names from the same function."""
import pytest
import torch
from torch import nn

from lab.counting.layer_counts import fvcore_counts, kind_of, theory_counts


@pytest.mark.parametrize("layer, kind", [
    pytest.param(nn.Conv2d(6, 10, 3), "3x3 convolution", id="convolution"),
    pytest.param(nn.Conv2d(6, 10, (1, 7)), "1x7 convolution", id="height by width"),
    pytest.param(nn.Conv2d(6, 12, 3, groups=6), "depthwise 3x3 convolution", id="a group for each channel"),
    pytest.param(nn.Conv2d(6, 6, 5, groups=3), "grouped 5x5 convolution", id="fewer groups"),
    pytest.param(nn.ConvTranspose2d(6, 6, 2), "2x2 transposed convolution", id="transposed"),
    pytest.param(nn.Linear(6, 10), "fully connected", id="linear"),
    pytest.param(nn.MultiheadAttention(6, 2), "attention", id="attention"),
])
def test_a_kind_has_its_name_in_words(layer, kind):
    assert kind_of(layer) == kind


class Attention(nn.MultiheadAttention):
    """Of a sequence to itself."""

    def forward(self, x):
        return super().forward(x, x, x, need_weights=False)[0]


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
@pytest.mark.parametrize("module, shape, by_hand", [
    pytest.param(nn.Conv2d(6, 10, 3), (1, 6, 9, 7), {"3x3 convolution": [350 * 9 * 6, 350]}, id="10 x 7 x 5 outputs"),
    pytest.param(nn.Conv2d(6, 10, 3, groups=2), (1, 6, 9, 7), {"grouped 3x3 convolution": [350 * 9 * 3, 350]},
                 id="two groups"),
    pytest.param(nn.ConvTranspose2d(6, 10, (2, 3), 3), (1, 6, 3, 5),
                 {"2x3 transposed convolution": [90 * 6 * 10, 10 * 8 * 15]}, id="90 inputs, each to a window"),
    pytest.param(nn.Sequential(nn.Linear(7, 11), nn.ReLU(), nn.Linear(11, 3)), (1, 5, 7),
                 {"fully connected": [5 * 7 * 11 + 5 * 11 * 3, 5 * 11 + 5 * 3]}, id="two layers of one kind"),
    pytest.param(nn.Sequential(Attention(14, 2, batch_first=True)), (1, 5, 14),
                 {"attention": [4 * 5 * 14**2 + 2 * 5**2 * 14, 5 * 5 * 14]}, id="attention of 5 tokens"),
])
def test_theory_and_fvcore_count_what_is_counted_by_hand(module, shape, by_hand):
    image = torch.rand(shape)

    assert theory_counts(module.eval(), image) == by_hand
    assert fvcore_counts(module.eval(), image) == by_hand
