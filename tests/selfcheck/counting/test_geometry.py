"""What explorables are set to: the geometry of a convolution, a reduced branch, a stack; nothing of other layers."""

import pytest
from torch import nn

from lab.claims.evidence import Evidence
from lab.counting.geometry import geometry, reduction, stack


def test_a_convolution_tells_its_geometry():
    layer = nn.Conv2d(6, 9, 5, stride=2, padding=4, dilation=7, groups=3, bias=False, device="meta")

    assert geometry(layer, height=11) == {
        "kernel_size": 5, "stride": 2, "padding": 4, "dilation": 7, "in_channels": 6, "out_channels": 9, "groups": 3,
        "bias": False, "height": 11}


@pytest.mark.parametrize("layer", [nn.Linear(3, 5), nn.Conv2d(3, 5, (1, 7)), nn.Conv2d(3, 5, 3, padding=(1, 2))],
                         ids=["FC", "1x7", "another border in width"])
def test_other_layers_have_none(layer):
    assert geometry(layer, height=11) == {}
    assert reduction(nn.Sequential(layer)) == {}


@pytest.mark.parametrize("layers, reduced", [
    pytest.param([nn.Conv2d(7, 5, 3)], 0, id="a convolution alone"),
    pytest.param([nn.Conv2d(7, 2, 1), nn.ReLU(), nn.Conv2d(2, 5, 3)], 2, id="after a 1x1"),
    pytest.param([nn.MaxPool2d(3, 1, 1), nn.Conv2d(7, 5, 1)], 0, id="after pooling"),
])
def test_a_branch_tells_its_channels(layers, reduced):
    branch = reduction(nn.Sequential(*layers))

    assert (branch["in_channels"], branch["reduced_channels"], branch["out_channels"]) == (7, reduced, 5)


@pytest.mark.parametrize("layers", [
    pytest.param([nn.Conv2d(6, 6, 3, groups=2)], id="groups"),
    pytest.param([nn.Conv2d(7, 2, 3), nn.Conv2d(2, 5, 3)], id="two large kernels"),
    pytest.param([nn.Conv2d(7, 7, 1), nn.Conv2d(7, 7, 1), nn.Conv2d(7, 7, 1)], id="three layers"),
    pytest.param([nn.ReLU()], id="no layer"),
])
def test_a_branch_of_another_form_has_none(layers):
    assert reduction(nn.Sequential(*layers)) == {}


def test_a_stack_fills_in_stride_and_dilation():
    assert stack([3, (2, 2), (5, 1, 7)]) == {"kernel_size": [3, 2, 5], "stride": [1, 2, 1], "dilation": [1, 1, 7]}


def test_a_preset_without_settings_is_not_kept():
    properties = []
    for settings in ({}, {"kernel_size": 3}):
        Evidence(properties).preset(settings, weights=9)

    assert properties == [("preset", {"settings": {"kernel_size": 3}, "measured": {"weights": 9}})]
