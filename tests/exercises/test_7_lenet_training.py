"""E7: the exercise's LeNet trained on CIFAR-10 as its notebook trains it, from several seeds."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments.course_results import METRIC, course_arm, figure, need_course_scale, record_training

CAP = 60    # seeds; single runs spread by 1.3 points, of which 64 % is one: 20 to 40 tell their mean from it


@claim("lenet-reaches-64")
@pytest.mark.cifar
@pytest.mark.trained
@pytest.mark.parametrize("percent", [
    pytest.param(64, id="64 %"),    # 05_02_CNN_CIFAR10.ipynb
    pytest.param(60, id="60 %", marks=counterexample("it reaches more than 60 %")),
])
def test_the_exercises_lenet_stays_below_64_percent_on_average(percent, course_laboratory, evidence):
    """Ten epochs bring the exercise's LeNet on average over seeds to less than 64 % on CIFAR-10, one run's figure."""
    need_course_scale(course_laboratory, "20 to 60 LeNets of ten epochs, each 1.5 minutes on a CPU core")
    net, notebook = course_arm("LeNet"), figure(percent)
    result = course_laboratory.compare({notebook: +1, net: -1}, METRIC, margin=0, cap=CAP)
    evidence.measured("mean test accuracy", percent - result.mean, expected="about 62.5", unit="%")
    record_training(evidence, course_laboratory, result, net)

    assert result.verdict == "confirmed"
