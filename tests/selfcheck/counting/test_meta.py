"""Runs without arithmetic: nothing is computed, nothing in the module changes, and shapes are the real ones."""

import pytest
import torch
import torchvision
from torch import nn

from lab.counting.meta_device import in_zeros, on_meta, output_shape, run_on_meta, weightless, with_zeros


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
    with weightless():
        linear = nn.Linear(3, 3)
    zeros = with_zeros(nn.Sequential(linear, linear))

    assert zeros[0].weight is zeros[1].weight and torch.equal(zeros[0].weight, torch.zeros(3, 3))
    assert linear.weight.is_meta


@pytest.mark.parametrize("replace, device", [(on_meta, "meta"), (in_zeros, "cpu")])
def test_replaced_tensors_keep_ties_and_come_back(replace, device):
    """Also where the tool fails, and whatever it writes: BatchNorm in train mode updates its statistics."""
    linear, norm = nn.Linear(3, 3), nn.BatchNorm1d(3)
    module = nn.Sequential(linear, linear, norm)
    before, mean = dict(module.named_parameters()), norm.running_mean
    with pytest.raises(RuntimeError, match="cannot be multiplied|same reduction dim"), replace(module):
        inside = [tensor.device.type for tensor in [*module.parameters(), *module.buffers()]]
        kinds = {type(tensor) for tensor in module.parameters()}, {type(tensor) for tensor in module.buffers()}
        assert module[0].weight is module[1].weight is not before["0.weight"]
        module(torch.ones(5, 3, device=device))
        module(torch.ones(5, 7, device=device))

    assert set(inside) == {device} and kinds == ({nn.Parameter}, {torch.Tensor})
    assert dict(module.named_parameters()) == before
    assert norm.running_mean is mean and torch.equal(mean, torch.zeros(3))


def test_weightless_leaves_draws_of_buffers_alone():
    """Only what has no numbers is spared its random numbers."""
    with weightless():
        noise = torch.empty(11).uniform_(2, 3)
        nn.init.trunc_normal_(nn.Linear(3, 5).weight)

    assert noise.min() >= 2 and noise.unique().numel() > 1


def test_quick_norms_still_check_widths():
    """As PyTorch does: running statistics of five channels don't fit four maps."""
    fits, not_so = (nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(width)).eval() for width in (4, 5))

    assert output_shape(fits, torch.empty(1, 3, 7, 7)) == (1, 4, 5, 5)
    assert output_shape(not_so, torch.empty(1, 3, 7, 7)) is None
