"""E7: the exercise's LeNet trained on CIFAR-10 as its notebook trains it, from several seeds."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments.course_results import CAP, METRIC, course_arm, figure, need_course_scale, record_training

MARGIN = 4  # points; fifteen LeNets, trained on a CPU, reached 62.6 % on average, each 61.0 to 65.6 %


@claim("lenet-reaches-64")
@pytest.mark.cifar
@pytest.mark.trained
@pytest.mark.parametrize("epochs", [
    pytest.param(10, id="ten epochs"),
    pytest.param(1, id="one epoch", marks=counterexample("after one epoch it is still well below 60 %")),
])
def test_the_exercises_lenet_reaches_64_percent(epochs, course_laboratory, evidence):
    """The exercise's LeNet reaches 64 % on CIFAR-10 in ten epochs: the mean over seeds lies within 4 points of it."""
    need_course_scale(course_laboratory, "3 to 40 LeNets of ten epochs, each 1.5 minutes on a CPU core")
    net, notebook = course_arm("LeNet", epochs), figure(64)  # 05_02_CNN_CIFAR10.ipynb
    result = course_laboratory.compare({net: +1, notebook: -1}, METRIC, MARGIN, "equivalence", cap=CAP)
    record_training(evidence, course_laboratory, result, net)

    assert result.verdict == "confirmed"
