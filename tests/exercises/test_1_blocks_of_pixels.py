"""E1: why shuffled pixels hurt a CNN: it looks at neighbours, and neighbours must stay near.

The pixels are shuffled within blocks: each block has a permutation of its own, the same for all images, and the whole
image is one block in the exercise. The exercise's nets; 80 batches of 32, rate and margins from seeds from 1000.
"""

from statistics import fmean

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.data import handwritten_digits
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.randomness import pixel_order
from lab.training.sgd import train_classifier

SEEN = {"plain": "plain", **{f"{side}x{side}": f"within {side}x{side} blocks" for side in (2, 4, 7, 14)},
        "28x28": "one permutation"}


def shuffled(net, model, **more):
    """{side of the blocks: arm}."""
    return {side: Arm(f"{net}, {seen}", train_classifier, model=model, pixels=seen, steps=80, batch=32,
                      lr=0.03, momentum=0.9, tested=500, **more) for side, seen in SEEN.items()}


# The FC net's first columns start shuffled as the pixels are: else chance would tell its arms apart.
CNN, FC = shuffled("CNN", ConvolutionalNet), shuffled("FC", FullyConnected, aligned=True)
LESS = 3                # points of accuracy
SEEDS = range(8)        # of what is shown on the page and not compared
SIDES = {"plain": 1, **{side: int(side.partition("x")[0]) for side in SEEN if side != "plain"}}     # px


def presets(evidence, accuracies):
    """For the page: the mean over seeds of each net at each size of the blocks. accuracies: {arm's name: values}."""
    for net, arms in (("cnn", CNN), ("fc", FC)):
        for side, arm in arms.items():
            if arm.name in accuracies:
                evidence.preset({"block": SIDES[side]}, **{f"{net}_accuracy": fmean(accuracies[arm.name])})


def show(evidence, comparison, data_dir):
    """The comparison, its means, and a digit as shuffled within blocks of each size."""
    digit = handwritten_digits(data_dir).test_images[:1]
    evidence.experiment(comparison)
    presets(evidence, comparison.arms)
    evidence.figure("bars", "Test accuracy, mean over seeds", **bars_of_means(comparison), unit="%")
    evidence.figure("images", "A digit, its pixels shuffled within blocks", labels=list(SEEN),
                    images=[(pixel_order(3, seen)(digit)[0, 0] / 255).tolist() for seen in SEEN.values()])


@claim("shuffling-breaks-neighbourhoods")
@pytest.mark.parametrize("net", [
    pytest.param((CNN["2x2"], CNN["28x28"]), id="CNN"),
    pytest.param((FC["2x2"], FC["28x28"]), id="FC",
                 marks=counterexample("a fully connected net does not know which pixels are neighbours")),
])
def test_shuffling_within_small_blocks_costs_less(net, data_dir, laboratory, evidence):
    """On pixels shuffled within blocks of 2x2 a CNN is over 3 points more accurate than on pixels all shuffled."""
    within, all_shuffled = net
    kept = laboratory.compare({within: 1, all_shuffled: -1}, "test accuracy", LESS, cap=40)
    show(evidence, kept, data_dir)

    assert kept.verdict == "confirmed"


@claim("shuffling-breaks-neighbourhoods")
@pytest.mark.parametrize("net", [
    pytest.param("CNN", id="CNN"),
    pytest.param("FC", id="FC", marks=counterexample("a fully connected net has no neighbourhoods to lose")),
])
def test_the_loss_grows_with_the_blocks(net, data_dir, laboratory, evidence):
    """Shuffling within blocks of 7x7 pixels costs a CNN over 3 points more than within blocks of 2x2."""
    need_course_scale(laboratory, "8 to 40 seeds of the exercise's nets, half a minute")
    of_side = {"CNN": CNN, "FC": FC}[net]
    more = laboratory.compare({of_side["2x2"]: 1, of_side["7x7"]: -1}, "test accuracy", LESS, cap=40)
    show(evidence, more, data_dir)
    others = [arm for arm in of_side.values() if arm.name not in more.arms]
    presets(evidence, {arm.name: [trial["test accuracy"] for trial in laboratory.trials(arm, SEEDS)] for arm in others})

    assert more.verdict == "confirmed"
