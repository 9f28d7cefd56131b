"""L5 at course scale: more data, and dropout, from 500 to 50,000 digits, on the net of test_5_regularisation.py."""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied

RECIPE = dict(model=Wide, data="mnist", batch=50, lr=0.2)   # tested on all 10,000 test images
CONVERGED = {1000: 1000, 2000: 1500, 10_000: 10_000}       # images: steps, until 99.9 % of them are learnt by heart
MARGIN = 0.5    # points; on seeds from 1000 dropout gained 1.1, 0.8 and 0.1; from 10,000 images in 4,000 steps -0.2


def trained(images, steps):
    return Arm(f"{images} images, {steps} steps", train_varied, images=images, steps=steps, **RECIPE)


@claim("more-data-helps")
@pytest.mark.trained
@pytest.mark.parametrize("images, before, steps", [
    pytest.param(5000, 500, 3000, id="5,000 images against 500"),
    pytest.param(50_000, 5000, 3000, id="50,000 images against 5,000"),
    pytest.param(500, 500, 300, id="500 images, ten times as long",
                 marks=counterexample("ten times the steps on the same images are no more data")),
])
def test_ten_times_the_data_raise_accuracy(images, before, steps, laboratory, evidence):
    """With the same number of steps, ten times the training images raise the test accuracy by more than 1 point."""
    need_course_scale(laboratory, "5 to 32 small nets from each of two sizes of MNIST, 1 minute on a CPU core")
    more, less = trained(images, 3000), trained(before, steps)
    gain = laboratory.compare({more: +1, less: -1}, metric="test accuracy", margin=1.0)
    evidence.experiment(gain)
    evidence.figure("bars", "Test accuracy", **bars_of_means(gain), unit="%")

    assert gain.verdict == "confirmed"


def dropout_gains(laboratory, images, sign, margin):
    """Does half of the hidden units left out gain more (sign 1), or lose more (-1), than the margin, from so many?"""
    recipe = dict(RECIPE, images=images, steps=CONVERGED[images])
    without = Arm("without dropout", train_varied, **recipe)
    half = Arm("with dropout", train_varied, dropout=0.5, **recipe)
    return laboratory.compare({half: sign, without: -sign}, metric="test accuracy", margin=margin, cap=40)


@claim("dropout-against-overfitting")
@pytest.mark.trained
@pytest.mark.parametrize("images", [
    pytest.param(1000, id="1,000 images"),
    pytest.param(2000, id="2,000 images"),
    pytest.param(10_000, id="10,000 images", marks=counterexample("from 10,000 images dropout gains nothing")),
])
def test_dropout_gains_accuracy_from_few_images(images, laboratory, evidence):
    """Trained to the end on 1,000 or 2,000 digits, a small net with dropout is over 0.5 points more accurate."""
    need_course_scale(laboratory, "5 to 40 pairs of small nets, 1 minute on a CPU core")
    gain = dropout_gains(laboratory, images, +1, MARGIN)
    evidence.experiment(gain)
    evidence.figure("bars", "Test accuracy without and with dropout", **bars_of_means(gain), unit="%")

    assert gain.verdict == "confirmed"


@claim("dropout-against-overfitting")
@pytest.mark.trained
@pytest.mark.parametrize("images", [
    pytest.param(10_000, id="10,000 images"),
    pytest.param(2000, id="2,000 images", marks=counterexample("from 2,000 images it gains 0.8 points")),
])
def test_dropout_gains_nothing_from_10000_images(images, laboratory, evidence):
    """Trained to the end on 10,000 digits, a small net gains less than 0.5 points by dropout, if it gains at all."""
    need_course_scale(laboratory, "5 to 40 pairs of small nets, 1 minute on a CPU core")
    loss = dropout_gains(laboratory, images, -1, -MARGIN)
    evidence.experiment(loss)
    evidence.figure("bars", "Test accuracy without and with dropout", **bars_of_means(loss), unit="%")

    assert loss.verdict == "confirmed"
