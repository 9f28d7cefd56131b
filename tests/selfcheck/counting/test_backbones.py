"""The survey's backbones really run, and the counters' items are what they say."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torchvision.models import vit_b_16

from lab.counting.backbones import SURVEY, dominated
from lab.counting.counter_comparison import (
    counts,
    image,
    noted_layers,
    torch_flops,
    torch_flops_really_run,
    weightless_network,
)
from lab.counting.meta_device import run_on_meta, weightless
from lab.counting.multiply_adds import count_multiply_adds
from lab.counting.other_counters import (
    flop_counter_multiply_adds,
    fvcore_by_operation,
    fvcore_multiply_adds,
    torchinfo_multiply_adds,
)
from lab.counting.parameters import count_parameters


@pytest.mark.parametrize("backbone", SURVEY, ids=lambda backbone: backbone.family)
def test_a_backbone_scores_a_real_image(backbone):
    with torch.no_grad():
        scores = backbone.build()(image())

    assert scores.shape == (1, 1000) and scores.isfinite().all()


def test_a_removed_block_takes_its_parameters_along():
    resnext = SURVEY[1]
    with weightless():
        whole, shorter = resnext.build(), resnext.build(without="layer4.2")

    bottleneck = 2048 * 1024 + 3 * 3 * (1024 // 32) * 1024 + 1024 * 2048 + 2 * (1024 + 1024 + 2048)  # 32 groups, BN
    assert count_parameters(whole) - count_parameters(shorter) == bottleneck


def test_a_block_that_is_not_there_is_an_error():
    with pytest.raises(AttributeError, match="layer9"):
        SURVEY[1].build(without="layer9.2")


@pytest.mark.parametrize("top1, giga, families", [
    pytest.param(70.0, 1.0, ["a"], id="equalled by another"),
    pytest.param(69.9, 1.1, [], id="no other as good at as little"),
    pytest.param(70.1, 0.9, ["a"], id="beaten in both"),
    pytest.param(90.0, 1.1, [], id="more accurate at a higher price"),
])
def test_dominated_compares_accuracy_and_cost(top1, giga, families):
    one = replace(SURVEY[0], family="a", top1=70.0, giga_multiply_adds=1.0)
    other = replace(one, family="b", top1=top1, giga_multiply_adds=giga)

    assert dominated([one], [one, other]) == families


def test_fvcores_items_add_up_to_its_total():
    model, pixels = nn.Sequential(nn.Conv2d(3, 7, 3), nn.BatchNorm2d(7)).eval(), torch.zeros(1, 3, 11, 11)
    items = fvcore_by_operation(model, pixels)

    assert items == {"conv": 9 * 9 * 7 * 27, "batch_norm": 9 * 9 * 7 * 2}
    assert sum(items.values()) == fvcore_multiply_adds(model, pixels)


def test_noted_layers_tell_parameters_and_positions_of_each_call():
    shared = nn.Linear(5, 5)
    model = nn.Sequential(nn.Conv2d(3, 7, 3), nn.Flatten(2), nn.Linear(81, 5), shared, shared, nn.ReLU())
    with noted_layers(model) as layers:
        run_on_meta(model, torch.zeros(2, 3, 11, 11))
    run_on_meta(model, torch.zeros(2, 3, 11, 11))  # after the block nothing listens

    twice = [(nn.Linear, 5 * 5 + 5, 2 * 7)] * 2
    assert layers == [(nn.Conv2d, 27 * 7 + 7, 2 * 81), (nn.Linear, 81 * 5 + 5, 2 * 7), *twice]


@pytest.mark.parametrize("count_flops", [torch_flops, torch_flops_really_run])
def test_torch_flops_are_two_a_multiply_add(count_flops):
    assert count_flops(partial(nn.Conv2d, 3, 7, kernel_size=5)) == 2 * 220 * 220 * 7 * 75


def test_counters_in_one_run_do_not_disturb_each_other():
    """Each counter prints what it prints alone."""
    model, pixels = weightless_network(vit_b_16), image()

    assert counts(vit_b_16).ours == count_multiply_adds(model, pixels) == flop_counter_multiply_adds(model, pixels)
    assert counts(vit_b_16).torchinfo == torchinfo_multiply_adds(model, pixels)
    assert counts(vit_b_16).output == (1, 1000)


def test_counts_are_kept_for_a_builder():
    builder = partial(nn.Conv2d, 3, 7, kernel_size=5)

    assert counts(builder) is counts(builder)
