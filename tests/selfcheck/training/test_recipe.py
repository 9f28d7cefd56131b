"""Does a recipe tell the model's arguments from its own, and do trial functions keep what the laboratory asks for?"""
import pickle
from dataclasses import FrozenInstanceError
from inspect import signature

import pytest

from lab.models.small.hidden_layers import Wide
from lab.training.auxiliary_heads import train_with_heads
from lab.training.linear_probes import probe_layers
from lab.training.recipe import Recipe, WatchedRecipe
from lab.training.sgd import train_classifier
from lab.training.signal_propagation import watch_depth
from lab.training.steps_to_loss import steps_to_loss
from lab.training.variations import VariedRecipe, train_varied

GIVEN = dict(data_dir="nowhere", model=Wide, hidden=7, steps=3)


def test_what_is_no_field_is_an_argument_of_the_model():
    recipe = Recipe.of(**GIVEN, lr=0.2)

    assert (recipe.steps, recipe.lr, recipe.architecture) == (3, 0.2, {"hidden": 7})
    assert recipe.build().hidden == 7
    with pytest.raises(FrozenInstanceError):
        recipe.steps = 5


def test_a_variants_fields_are_its_own():
    assert VariedRecipe.of(**GIVEN, shift=2).architecture == {"hidden": 7}
    assert Recipe.of(**GIVEN, shift=2).architecture == {"hidden": 7, "shift": 2}


@pytest.mark.parametrize("lr, rates", [(0.1, (0.1,)), ((0.1, 0.3), (0.1, 0.3))], ids=["one rate", "several"])
def test_a_recipe_has_one_rate_or_several(lr, rates):
    assert Recipe.of(**GIVEN, lr=lr).rates == rates


def test_a_net_that_is_watched_trains_alone():
    assert (Recipe.of(**GIVEN).together, WatchedRecipe.of(**GIVEN).together) == (8, 1)


@pytest.mark.parametrize("trial, asked", [
    (train_classifier, {"data", "device"}), (train_varied, {"data", "device"}), (train_with_heads, {"data"}),
    (watch_depth, {"data"}), (steps_to_loss, {"data"}), (probe_layers, {"data"}),
])
def test_a_trials_signature_names_what_the_laboratory_asks_for(trial, asked):
    """The data set with its default, and the device only where the net may train on any; workers get it by name."""
    parameters = signature(trial).parameters

    assert {"data", "device"} & parameters.keys() == asked and parameters["data"].default == "handwritten"
    assert pickle.loads(pickle.dumps(trial)) is trial
