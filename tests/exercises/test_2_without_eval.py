"""E2: what a test says without `net.eval()`, which the course's notebooks never call.

The course's simplified VGG in small: convolutions with BatchNorm and pooling down to one pixel, then a linear layer.
60 batches of 32 digits; rate and margins from seeds from 1000.
"""
import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.experiments.curves import curves
from lab.models.small.narrow_vgg import SmallCifarVGG
from lab.training.modes import BATCHES, both_modes

TRAINED = Arm("trained", both_modes, model=SmallCifarVGG, steps=60, lr=0.005)
UNTRAINED = Arm("before training", both_modes, model=SmallCifarVGG, steps=0)



def show(evidence, laboratory, lost):
    """The comparison, and the trained net's accuracies by batch size and order."""
    modes = {mode: curves(laboratory, [TRAINED], lost.seeds, mode)["series"]["trained"]
             for mode in ("mixed", "sorted by class")}
    usual = [trial["evaluation mode"] for trial in laboratory.trials(TRAINED, lost.seeds)]
    evidence.experiment(lost)
    evidence.figure("lines", "Test accuracy without net.eval(), mean over the seeds", x=list(BATCHES), logx=True,
                    xlabel="test images at a time", ylabel="test accuracy, %",
                    series={**modes, "with net.eval()": [sum(usual) / len(usual)] * len(BATCHES)})


@claim("testing-without-eval")
@pytest.mark.parametrize("metric", [
    pytest.param("lost, sorted, 10 at a time", id="sorted by class, 10 at a time"),
    pytest.param("lost, mixed, 50 at a time", id="mixed, 50 at a time",
                 marks=counterexample("a large mixed batch has about the mean and variance of all images")),
])
def test_without_eval_batches_of_one_class_cost_accuracy(
        metric, laboratory, evidence, trained=TRAINED, untrained=UNTRAINED):
    """Without net.eval(), a trained net loses over 20 points on test images sorted by class, 10 at a time."""
    lost = laboratory.compare({trained: +1, untrained: -1}, metric=metric, margin=20.0, cap=24)
    show(evidence, laboratory, lost)

    assert lost.verdict == "confirmed"


@claim("testing-without-eval")
@pytest.mark.parametrize("metric", [
    pytest.param("lost, mixed, 2 at a time", id="mixed, 2 at a time"),
    pytest.param("lost, mixed, 50 at a time", id="mixed, 50 at a time",
                 marks=counterexample("a large mixed batch has about the mean and variance of all images")),
])
def test_without_eval_small_batches_cost_accuracy(metric, laboratory, evidence, trained=TRAINED, untrained=UNTRAINED):
    """Without net.eval(), a trained net loses over 5 points on mixed test images that come two at a time."""
    need_course_scale(laboratory, "8 to 24 small nets, each before and after training, half a minute")
    lost = laboratory.compare({trained: +1, untrained: -1}, metric=metric, margin=5.0, cap=24)
    show(evidence, laboratory, lost)

    assert lost.verdict == "confirmed"
