"""The LeNets are the published ones: counted, wired and activated as in 1989 and 1998."""

import pytest
import torch
from torch import nn

from lab.counting.meta_device import output_shape
from lab.counting.parameters import count_parameters
from lab.models import lenet
from lab.models.lenet import LeNet, ScaledTanh, lenet_5, lenet_1989
from selfcheck.model_checks import silent_parameters


@pytest.mark.parametrize("net, parameters", [
    pytest.param(lenet_1989, 1_068 + 2_592 + 5_790 + 310, id="1989: H1, H2, H3, output"),
    pytest.param(lenet_5, 156 + 12 + 1_516 + 32 + 48_120 + 10_164, id="1998: C1, S2, C3, S4, C5, F6"),
    pytest.param(LeNet, 61_706, id="modern copy"),
    pytest.param(lambda: LeNet(in_channels=3), 62_006, id="exercise's net"),
])
def test_parameters_equal_the_published_figure(net, parameters):
    assert count_parameters(net()) == parameters


def test_connections_of_lenet_5_are_the_published_340_908():
    """A unit has a connection for each weight that it uses, and one for its bias; subsampling units have 4 and 1."""
    c1, s2 = 28 * 28 * 6 * (25 + 1), 14 * 14 * 6 * (4 + 1)
    c3 = 10 * 10 * sum(25 * len(maps) + 1 for maps in lenet.C3_TABLE)
    s4, c5, f6, output = 5 * 5 * 16 * (4 + 1), 120 * (16 * 25 + 1), 84 * (120 + 1), 10 * 84

    assert c1 + s2 + c3 + s4 + c5 + f6 + output == 340_908


def test_every_map_of_s2_is_seen_by_ten_maps_of_c3():
    """The published table has ten crosses in each row, and no two columns alike."""
    assert [sum(m in seen for seen in lenet.C3_TABLE) for m in range(6)] == [10] * 6
    assert len({tuple(seen) for seen in lenet.C3_TABLE}) == 16


def test_the_connections_of_c3_are_the_published_table():
    """Table I: a row for each map of S2, a column for each of C3's."""
    rows = ["X   XXX  XXXX XX", "XX   XXX  XXXX X", "XXX   XXX  X XXX",
            " XXX  XXXX  X XX", "  XXX  XXXX XX X", "   XXX  XXXX XXX"]

    assert ["".join("X" if m in seen else " " for seen in lenet.C3_TABLE) for m in range(6)] == rows


def test_each_map_of_h1_is_seen_by_eight_maps_of_h2():
    assert [sum(m in seen for seen in lenet.H2_TABLE) for m in range(12)] == [8] * 12
    assert {len(seen) for seen in lenet.H2_TABLE} == {8}


def test_a_sparse_convolution_is_a_full_one_with_zeros():
    sparse = lenet.TableConv2d([[0, 2], [1], [0, 1, 2]], 3, stride=2)
    nn.init.normal_(sparse.bias)
    full = torch.zeros(3, 3, 3, 3)
    for j, (seen, weight) in enumerate(zip(sparse.table, sparse.weights)):
        full[j, seen] = weight.data[0]
    x = torch.randn(2, 3, 7, 11)

    torch.testing.assert_close(sparse(x), nn.functional.conv2d(x, full, sparse.bias.flatten(), stride=2))


def test_subsampling_starts_as_the_mean():
    x = torch.randn(2, 3, 8, 6)

    torch.testing.assert_close(lenet.Subsampling(3)(x), nn.functional.avg_pool2d(x, 2))


def test_output_units_are_0_at_their_own_code_and_4_a_wrong_bit():
    units = lenet.RadialBasis(84, 10)
    flipped = units.codes.clone()
    flipped[:, :3] *= -1

    assert units(units.codes).diagonal().eq(0).all()
    assert units(flipped).diagonal().eq(3 * 4).all()


def test_scaled_tanh_is_the_papers():
    """A = 1.7159, S = 2/3: f(+-1) = +-1, odd; slope A S at 0."""
    a = torch.tensor([-1.0, 0.0, 1.0, 50.0], requires_grad=True)
    y = ScaledTanh()(a)
    y.sum().backward()

    torch.testing.assert_close(y.data, torch.tensor([-1, 0, 1, 1.7159]), rtol=0, atol=1e-4)
    assert a.grad[1].item() == pytest.approx(1.7159 * 2 / 3)


@pytest.mark.parametrize("net, shape", [
    pytest.param(lenet_1989, (1, 16, 16), id="1989"),
    pytest.param(lenet_5, (1, 32, 32), id="1998"),
    pytest.param(LeNet, (1, 32, 32), id="modern copy"),
    pytest.param(lambda: LeNet(3, activation=ScaledTanh, pool=nn.AvgPool2d), (3, 32, 32), id="three channels"),
])
def test_lenets_give_ten_numbers_and_a_gradient_reaches_all(net, shape):
    model = net()

    assert output_shape(model, torch.zeros(2, *shape)) == (2, 10)
    assert output_shape(model, torch.zeros(2, shape[0], shape[1] + 5, shape[2] + 5)) is None
    assert silent_parameters(model, torch.randn(17, *shape)) == []
