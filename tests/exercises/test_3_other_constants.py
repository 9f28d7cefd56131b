"""E3: do other constants make a large difference? 0.5 and 0.5 against the data set's own, on exercise 1's nets."""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.data import handwritten_digits
from lab.experiments import Arm
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.sgd import train_classifier
from lab.training.variations import train_varied

RECIPES = {"quick": dict(steps=120, lr=0.03, momentum=0.9, tested=2000),    # exercise 1's, so that it lends its trials
           "course": dict(data="mnist", steps=938, lr=0.01, momentum=0.5)}
NOT_TRAINED = {"steps": 1, "lr": 0.0}
NETS = {"FC": (FullyConnected, {}), "CNN": (ConvolutionalNet, {}), "FC, untrained": (FullyConnected, NOT_TRAINED)}
CHANGE = {"mnist": 5, "digits": 8}      # points; on the embedded digits single runs of the CNN differ by twice as much


def pair(name, model, **recipe):
    """(arm with the data set's own constants, arm with 0.5 and 0.5)."""
    own = dict(model=model, pixels="plain", aligned=False, **recipe)
    return (Arm(f"{name}, own constants", train_classifier, **own),
            Arm(f"{name}, other constants", train_varied, constants=(0.5, 0.5), **own))


PAIRS = {scale: {name: pair(name, model, **{**recipe, **changes}) for name, (model, changes) in NETS.items()}
         for scale, recipe in RECIPES.items()}
for pairs in PAIRS.values():
    own, _ = pairs["CNN"]
    pairs["CNN, shuffled"] = own, Arm("CNN, shuffled", train_classifier, **{**own.recipe, "pixels": "one permutation"})


@claim("other-constants-matter-little")
@pytest.mark.parametrize("net", [
    pytest.param("FC", id="fully connected"),
    pytest.param("FC, untrained", id="untrained", marks=counterexample("before training no constants are good ones")),
])
def test_other_constants_cost_a_fully_connected_net_points(net, scale, laboratory, evidence, by_scale=PAIRS):
    """With 0.5 and 0.5 the exercise's fully connected net loses more than 3 points against its data's own constants."""
    own, other = by_scale[scale][net]
    loss = laboratory.compare({own: +1, other: -1}, metric="test accuracy", margin=3.0, cap=48)
    evidence.experiment(loss)
    evidence.figure("bars", "Test accuracy, mean over seeds", **bars_of_means(loss), unit="%")

    assert loss.verdict == "confirmed"


@claim("other-constants-matter-little")
@pytest.mark.parametrize("net", [
    pytest.param("CNN", id="CNN"),
    pytest.param("CNN, shuffled", id="shuffled pixels",
                 marks=counterexample("what does change this net, one permutation of its pixels, is seen")),
])
def test_other_constants_change_little_for_the_cnn(net, scale, data_dir, laboratory, evidence, by_scale=PAIRS):
    """With 0.5 and 0.5 the exercise's CNN changes by less than 5 points on MNIST, 8 on the embedded digits."""
    own, other = by_scale[scale][net]
    margin = CHANGE[handwritten_digits(data_dir).name]
    change = laboratory.compare({own: +1, other: -1}, metric="test accuracy", margin=margin, rule="equivalence", cap=48)
    evidence.experiment(change)
    evidence.figure("bars", "Test accuracy, mean over seeds", **bars_of_means(change), unit="%")

    assert change.verdict == "confirmed"
