"""Runs without arithmetic: nothing is computed, nothing in the module changes, and shapes are the real ones."""

import pytest
import torch
import torchvision
from torch import nn

from lab.meta import meta_copy, output_shape, run_on_meta, weightless, with_zeros


def test_weightless_modules_have_the_real_ones_shapes():
    """RegNet computes its widths with tensors while it is built, so it can't be built on the meta device outright."""
    with weightless():
        model = torchvision.models.regnet_y_400mf()
    real = torchvision.models.regnet_y_400mf()

    assert all(parameter.is_meta for parameter in model.parameters())
    assert not any(parameter.is_meta for parameter in nn.Linear(2, 3).parameters())  # outside again
    assert {n: p.shape for n, p in model.named_parameters()} == {n: p.shape for n, p in real.named_parameters()}


def test_running_on_meta_changes_nothing():
    """BatchNorm in train mode would update its statistics."""
    module = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    output = run_on_meta(module, torch.ones(1, 2, 7, 5))

    assert output.is_meta and output.shape == (1, 3, 5, 3)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize("module, shape, expected", [
    pytest.param(nn.Conv2d(3, 4, 5), (1, 3, 11, 13), (1, 4, 7, 9), id="fits"),
    pytest.param(nn.Conv2d(3, 4, 5), (1, 3, 4, 13), None, id="smaller than the kernel"),
    pytest.param(nn.Conv2d(3, 4, 5), (1, 2, 11, 13), None, id="other number of channels"),
    pytest.param(nn.Linear(7, 2), (1, 11), None, id="other number of features"),
])
def test_output_shape_or_none(module, shape, expected):
    assert output_shape(module, torch.empty(shape)) == expected


def test_copies_share_no_parameter_and_keep_ties():
    linear = nn.Linear(3, 3)
    tied = nn.Sequential(linear, linear)
    on_meta = meta_copy(tied)
    zeros = with_zeros(on_meta)

    assert on_meta[0].weight is on_meta[1].weight and on_meta[0].weight.is_meta and not linear.weight.is_meta
    assert zeros[0].weight is zeros[1].weight and torch.equal(zeros[0].weight, torch.zeros(3, 3))
