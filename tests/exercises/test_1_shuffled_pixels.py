"""E1: shuffle the pixels of every digit, and a fully connected net doesn't notice; a CNN does.

Quick recipe: 120 batches of 64 at rate 0.03, momentum 0.9, chosen on seeds from 1000. `--scale course`: the notebook's
own, all 60,000 images once at rate 0.01, momentum 0.5. Margins are in percentage points of test accuracy.
"""

import pytest

from lab.claims import claim, counterexample
from lab.data import handwritten_digits
from lab.experiments import Arm
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.sgd import train_classifier

RECIPES = {"quick": dict(steps=120, lr=0.03, momentum=0.9, tested=2000),
           "course": dict(data="mnist", steps=938, lr=0.01, momentum=0.5)}      # 938 = 60,000 / 64, rounded up
SAME, WORSE, RUINED = 2, 3, 35      # points: no difference worth naming; a loss worth naming; most of what was learned
FALL = {"mnist": 10, "digits": 5}   # points that the CNN loses; on the embedded digits they are fewer, and spread wider
LEARNT = 40                         # points above its untrained self
CAP = 48        # seeds; on the embedded digits the CNN's loss spreads by 7 points, and needs 20; on MNIST 10
NETS = {"FC": FullyConnected, "CNN": ConvolutionalNet}
SEEN = {"plain": "plain", "shuffled": "one permutation", "shuffled anew": "new permutation per image"}


# By scale, and by name. Same seed, same permutation. The shuffled FC net's first columns start as shuffled.
ARMS = {scale: {f"{net}, {seen}": Arm(f"{net}, {seen}", train_classifier, model=model, pixels=pixels,
                                      aligned=(net, seen) == ("FC", "shuffled"), **recipe)
                for net, model in NETS.items() for seen, pixels in SEEN.items()} for scale, recipe in RECIPES.items()}


UNTRAINED = Arm("CNN, untrained", train_classifier, **{**ARMS["quick"]["CNN, shuffled"].recipe, "steps": 1, "lr": 0.0})


def show_accuracies(evidence, comparison):
    means = [sum(values) / len(values) for values in comparison.arms.values()]
    evidence.experiment(comparison)
    evidence.figure("bars", "Test accuracy, mean over seeds", labels=list(comparison.arms), values=means, unit="%")


@pytest.mark.trained
@claim("fc-ignores-pixel-order")
@pytest.mark.parametrize("net", [
    pytest.param("FC", id="fully connected"),
    pytest.param("CNN", id="CNN", marks=counterexample("convolutions look at neighbours")),
])
def test_fc_net_is_as_accurate_on_shuffled_pixels(net, scale, laboratory, evidence, by_scale=ARMS):
    """A fully connected net is as accurate on shuffled pixels as on plain ones."""
    arms = by_scale[scale]
    contrast = {arms[f"{net}, plain"]: 1, arms[f"{net}, shuffled"]: -1}
    drop = laboratory.compare(contrast, "test accuracy", SAME, rule="equivalence", cap=CAP)
    show_accuracies(evidence, drop)

    assert drop.verdict == "confirmed"


@claim("cnn-needs-pixel-order")
@pytest.mark.parametrize("pixels, changes", [
    pytest.param("one permutation", {}, id="shuffled"),
    pytest.param("identity permutation", {"steps": 10, "tested": 200}, id="identity permutation",
                 marks=counterexample("nothing was moved; 10 steps suffice to see no difference at all")),
])
def test_cnn_is_less_accurate_on_shuffled_pixels(
        pixels, changes, scale, data_dir, laboratory, evidence, by_scale=ARMS):
    """A CNN loses more than 10 points of accuracy on MNIST when the pixels are shuffled, 5 on the embedded digits."""
    recipe = {**by_scale[scale]["CNN, plain"].recipe, **changes}
    plain = Arm("CNN, plain", train_classifier, **recipe)
    moved = Arm(f"CNN, {pixels}", train_classifier, **{**recipe, "pixels": pixels})
    margin = FALL[handwritten_digits(data_dir).name]
    drop = laboratory.compare({plain: 1, moved: -1}, "test accuracy", margin, cap=CAP)
    show_accuracies(evidence, drop)

    assert drop.verdict == "confirmed"


@claim("cnn-needs-pixel-order")
@pytest.mark.parametrize("seen", [
    pytest.param("shuffled", id="one permutation"),
    pytest.param("shuffled anew", id="new permutation per image",
                 marks=counterexample("pixels in another order for each image teach a net next to nothing")),
])
def test_cnn_on_shuffled_pixels_is_far_above_chance(
        seen, scale, laboratory, evidence, by_scale=ARMS, untrained=UNTRAINED):
    """On shuffled pixels a CNN still learns a lot: it gains more than 40 points on its untrained self."""
    learnt = laboratory.compare({by_scale[scale][f"CNN, {seen}"]: 1, untrained: -1}, "test accuracy", LEARNT, cap=CAP)
    show_accuracies(evidence, learnt)

    assert learnt.verdict == "confirmed"


@claim("cnn-lead-vanishes")
@pytest.mark.parametrize("net", [
    pytest.param("CNN", id="CNN against FC"),
    pytest.param("FC", id="FC against FC", marks=counterexample("a net without a lead has none to lose")),
])
def test_cnn_loses_more_than_fc_net(net, scale, laboratory, evidence, by_scale=ARMS):
    """Shuffling takes over 3 points more from the CNN than from the fully connected net: its lead shrinks."""
    arms = by_scale[scale]
    again = {seen: Arm(f"{net} again, {seen}", arms[f"{net}, {seen}"].trial, **arms[f"{net}, {seen}"].recipe)
             for seen in ("plain", "shuffled")}
    contrast = {again["plain"]: 1, again["shuffled"]: -1, arms["FC, plain"]: -1, arms["FC, shuffled"]: 1}
    difference = laboratory.compare(contrast, "test accuracy", WORSE, cap=CAP)
    show_accuracies(evidence, difference)

    assert difference.verdict == "confirmed"


@claim("cnn-lead-vanishes")
@pytest.mark.parametrize("seen", [
    pytest.param("shuffled", id="shuffled"),
    pytest.param("plain", id="plain pixels", marks=counterexample("on pixels in order the CNN is well ahead")),
])
def test_no_lead_is_left_on_shuffled_pixels(seen, scale, laboratory_with, evidence, by_scale=ARMS):
    """On shuffled pixels the CNN is less than 2 points ahead of the fully connected net, if it is ahead at all."""
    laboratory = laboratory_with("mnist")   # trained on the 1,297 embedded digits, the CNN keeps a third of its lead
    arms = by_scale[scale]
    behind = laboratory.compare({arms[f"FC, {seen}"]: 1, arms[f"CNN, {seen}"]: -1}, "test accuracy", -SAME, cap=CAP)
    show_accuracies(evidence, behind)

    assert behind.verdict == "confirmed"


@claim("one-fixed-permutation")
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("seen", [
    pytest.param("shuffled anew", id="new permutation per image"),
    pytest.param("shuffled", id="one permutation", marks=counterexample("a fixed permutation can be learned")),
])
def test_new_permutation_per_image_ruins_the_net(net, seen, scale, laboratory, evidence, by_scale=ARMS):
    """Shuffled anew for every image, the pixels no longer tell either net the digit."""
    arms = by_scale[scale]
    contrast = {arms[f"{net}, plain"]: 1, arms[f"{net}, {seen}"]: -1}
    drop = laboratory.compare(contrast, "test accuracy", RUINED, cap=CAP)
    show_accuracies(evidence, drop)

    assert drop.verdict == "confirmed"
