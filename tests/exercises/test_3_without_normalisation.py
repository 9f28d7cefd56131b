"""E3: does normalising make a large difference? On the course's recipe, and with a learning rate for each case."""

from statistics import fmean

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied

RECIPE = {"model": Wide, "hidden": 100, "batch": 64, "momentum": 0.5, "steps": 200, "tested": 1000}   # course's SGD
RATES = (0.3, 1.0)          # the best of a coarse grid from 0.03 to 1 for each case is among them, on tuning seeds


def twice(name, **recipe):
    """(arm with normalised pixels, arm with pixels only divided by 255)."""
    return (Arm(f"normalised, {name}", train_varied, **recipe),
            Arm(f"only divided, {name}", train_varied, constants=(0.0, 1.0), **recipe))


AT_ONE_RATE, AT_ITS_BEST = twice("rate 0.01", lr=0.01, **RECIPE), twice("best rate", lr=RATES, **RECIPE)
AT_A_LOWER_RATE = twice("rate 0.003", lr=0.003, **RECIPE)
NORMALISED, DIVIDED = AT_ONE_RATE
ANOTHER_RUN = Arm("normalised, another run", train_varied, repetition=1, **NORMALISED.recipe)


@claim("normalisation-matters-little")
@pytest.mark.parametrize("other", [
    pytest.param(DIVIDED, id="not normalised"),
    pytest.param(ANOTHER_RUN, id="normalised alike",
                 marks=counterexample("two runs with the same constants differ by chance only")),
])
def test_at_the_courses_learning_rate_it_costs_many_points(other, laboratory, evidence, normalised=NORMALISED):
    """After 200 steps of the course's SGD, rate 0.01, a net that was fed unnormalised pixels is 10 points behind."""
    loss = laboratory.compare({normalised: +1, other: -1}, metric="test accuracy", margin=10.0, cap=24)
    evidence.experiment(loss)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [normalised, other], loss.seeds))

    assert loss.verdict == "confirmed"


@claim("normalisation-matters-little")
@pytest.mark.parametrize("retried", [
    pytest.param(AT_ITS_BEST, id="best of two rates for each"),
    pytest.param(AT_A_LOWER_RATE, id="a lower rate",
                 marks=counterexample("it was too low already: any other rate won't do")),
])
def test_much_of_the_loss_is_a_learning_rate_too_low(retried, laboratory, evidence, first=AT_ONE_RATE):
    """With a learning rate tuned for each, the loss of accuracy without normalisation is more than 5 points smaller."""
    contrast = dict(zip([*first, *retried], [+1, -1, -1, +1]))
    smaller = laboratory.compare(contrast, metric="test accuracy", margin=5.0, cap=24)
    evidence.experiment(smaller)
    normalised, divided = (fmean(smaller.arms[arm.name]) for arm in retried)
    evidence.measured("loss that is left", normalised - divided, unit="points", convention="mean over the seeds")
    evidence.figure("bars", "Test accuracy after 200 steps", **bars_of_means(smaller), unit="%")

    assert smaller.verdict == "confirmed"
