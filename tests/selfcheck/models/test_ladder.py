"""Do the ladder's pairs start and add as they say?"""
import pytest
import torch
from torch.nn import functional as F

from lab.models.small.ladder import STARTS, DepthLadder, Pair


@pytest.fixture
def maps():
    """What a pair sees: nothing below 0."""
    return torch.rand(13, 5, 11, 11)


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.9])
def test_a_shortcut_is_added_as_scaled(scale, maps):
    pair = Pair(5, 5, 1, residual=True, scale=scale)

    torch.testing.assert_close(pair(maps), F.relu(pair.branch(maps) + scale * maps))


def test_a_pair_that_starts_at_zero_is_its_shortcut(maps):
    residual, plain = (Pair(5, 5, 1, residual) for residual in (True, False))
    STARTS["zero"]([residual, plain])

    assert residual(maps).equal(maps) and not plain(maps).any()


def test_a_plain_pair_near_the_identity_hands_its_maps_on(maps):
    """Standardised: BatchNorm leaves only their place above the mean; a random pair mixes them up."""
    near, random = Pair(5, 5, 1, residual=False), Pair(5, 5, 1, residual=False)
    STARTS["near identity"]([near])

    def alike(pair):
        return torch.corrcoef(torch.stack([pair(maps).flatten(), maps.flatten()]))[0, 1]

    assert alike(near) > 0.95 and abs(alike(random)) < 0.6


@pytest.mark.parametrize("start", STARTS)
def test_starts_change_values_and_no_parameter_is_added(start):
    torch.manual_seed(3)
    usual = DepthLadder(14, residual=True, width=3)
    torch.manual_seed(3)
    other = DepthLadder(14, residual=True, width=3, start=start)

    assert [p.shape for p in other.parameters()] == [p.shape for p in usual.parameters()]
    assert all(a.equal(b) for a, b in zip(usual.parameters(), other.parameters())) == (start == "random")
    assert usual.stem[0].weight.equal(other.stem[0].weight) and usual.classifier.weight.equal(other.classifier.weight)
