"""Is what a trial asks of a net the gradient of its central units?"""
import pytest
import torch
from torch import nn

from lab.models.small.chain import ConvChain
from lab.training.effective_field import effective_field


@pytest.fixture
def asked(tmp_path):
    """`asked(**recipe)`: metrics of one seed on the embedded digits."""
    return lambda **recipe: effective_field([5], data_dir=tmp_path, model=ConvChain, **recipe)[0]


def test_the_field_of_one_linear_unit_is_its_squared_kernel(asked):
    net = dict(activation=nn.Identity, widths=(1,), strides=(1,), kernels=(7,))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        kernel = ConvChain(**net).layers[0][0].weight[0, 0].detach().double()
    expected, trial = kernel.square() / kernel.square().sum(), asked(steps=0, **net)

    torch.testing.assert_close(torch.tensor(trial["field"]), expected.float())
    assert trial["diverged"] == 0.0


def test_a_stack_listens_to_the_middle(asked):
    deep, wide = (asked(steps=0, widths=(5,) * len(kernels), strides=(1,) * len(kernels), kernels=kernels)
                  for kernels in ((3,) * 5, (11,)))

    assert len(deep["field"]) == len(wide["field"]) == 11
    assert wide["central share"] == pytest.approx(25, abs=8) and deep["central share"] > 60


def test_training_changes_the_field_and_divergence_spreads_it(asked):
    net = dict(widths=(5, 5), strides=(1, 1), kernels=(3, 3))
    before, after, lost = asked(steps=0, **net), asked(steps=7, lr=0.05, **net), asked(steps=7, lr=1e30, **net)

    assert before["field"] != after["field"] and sum(map(sum, after["field"])) == pytest.approx(1)
    assert lost["diverged"] == 1.0 and lost["central share"] == pytest.approx(25)
