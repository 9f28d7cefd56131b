"""Do auxiliary heads add their losses to what training leads down, and to nothing that is recorded?"""
import pytest
import torch
from torch.nn.functional import cross_entropy

from lab.models.small.headed import HeadedNet
from lab.training.auxiliary_heads import HeadedLanes, train_with_heads
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import network_input, train_classifier

RECIPE = dict(model=HeadedNet, steps=4, lr=0.05, tested=101)


def test_heads_without_weight_change_nothing(tmp_path):
    found = train_with_heads([3, 5], data_dir=tmp_path, head_weight=0.0, **RECIPE)
    plain = train_classifier([3, 5], data_dir=tmp_path, batch=32, momentum=0.9, **RECIPE)

    for headed, same in zip(found, plain, strict=True):
        assert headed["mean loss"] == pytest.approx(sum(same["loss curve"]) / 4)
        assert headed["loss curve"] == pytest.approx(same["loss curve"]) and headed["test accuracy"] > 0


def test_heads_with_weight_train_the_layers_below_them(tmp_path):
    first, other = (train_with_heads([3], data_dir=tmp_path, head_weight=weight, **RECIPE)[0]["loss curve"]
                    for weight in (0.0, 0.5))
    assert first[0] == other[0] and first[1] != other[1]


def test_the_sum_is_led_down_and_the_main_loss_is_recorded(tmp_path):
    recipe = WatchedRecipe.of(data_dir=tmp_path, **RECIPE)
    lanes = HeadedLanes(0.25, recipe, [(3, 0.05)], *network_input("digits", tmp_path))
    images, labels = torch.randn(7, 1, 28, 28), torch.arange(7)
    led, recorded = lanes.losses((images[None],), labels[None])
    main, first, second = (cross_entropy(logits, labels) for logits in lanes.net(images, heads=True))

    assert led.tolist() == pytest.approx([(main + 0.25 * (first + second)).item()])
    assert recorded.tolist() == pytest.approx([main.item()]) and not recorded.requires_grad
