"""E9: do attention modules raise accuracy? The published figures, and pairs of nets trained from the same seeds."""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import CAP, METRIC, course_arm, need_course_scale, record_training
from lab.models.small.colour import attended_ladder
from lab.training.sgd import train_classifier

PUBLISHED = {  # ResNet-50 on ImageNet, one crop, top-1 error in %: its paper's own baseline, with the module
    "SE": (24.80, 23.29, "Hu et al. 2018, table 2"),
    "CBAM": (24.56, 22.66, "Woo et al. 2018; Jongchan/attention-module"),
    "ECA": (24.80, 22.52, "Wang et al. 2020: accuracy 75.20 and 77.48 %"),
}


@claim("attention-raises-accuracy")
@pytest.mark.record
@pytest.mark.parametrize("module, baseline", [
    pytest.param("SE", "SE", id="SE"),
    pytest.param("CBAM", "CBAM", id="CBAM"),
    pytest.param("ECA", "ECA", id="ECA"),
    pytest.param("SE", "CBAM", id="SE against CBAM's baseline",
                 marks=counterexample("each paper has a baseline of its own: across papers the gain shrinks to 1.27")),
])
def test_published_errors_fall_by_more_than_one_and_a_half_points(module, baseline, evidence):
    """In its own paper each module lowers ResNet-50's ImageNet error by more than 1.5 points."""
    (before, *_), (_, after, source) = PUBLISHED[baseline], PUBLISHED[module]
    gain = round(before - after, 2)
    evidence.measured("top-1 error without and with the module", [before, after], unit="%", source=source)
    evidence.measured("gain", gain, expected="above 1.5", unit="points")

    assert gain > 1.5


@claim("attention-raises-accuracy")
@pytest.mark.trained
@pytest.mark.cifar
@pytest.mark.parametrize("net, other", [
    pytest.param("ResNet-18, SE", "ResNet-18", id="SE"),
    pytest.param("ResNet-18, CBAM", "ResNet-18", id="CBAM"),
    pytest.param("ResNet-18, ECA", "ResNet-18", id="ECA"),
    pytest.param("ResNet-18", "ResNet-18, SE", id="without, against SE",
                 marks=counterexample("the net without a module must not come out ahead of its twin")),
])
def test_attention_raises_the_accuracy_of_a_cifar_resnet(net, other, course_laboratory, evidence):
    """With an attention module in each block, ResNet-18 gets more test images of CIFAR-10 right, seed by seed."""
    need_course_scale(course_laboratory, "3 to 40 pairs of ResNet-18 of ten epochs, best on a GPU (--device cuda): "
                                         "5.5 hours a net on a CPU core")
    better, worse = course_arm(net), course_arm(other)
    result = course_laboratory.compare({better: +1, worse: -1}, METRIC, margin=0, cap=CAP)
    record_training(evidence, course_laboratory, result, better, worse)

    assert result.verdict == "confirmed"


# ResNet-8 of half the width at 16 x 16 px, 75,000 parameters, ten epochs; chosen on tuning seed 1000.
SMALL = dict(model=attended_ladder, depth=8, width=16, shrink=2, data="cifar10", batch=128, lr=0.05, momentum=0.9)
TEN_EPOCHS, LEAST, ALPHA = 3910, 1.5, 1e-3      # steps; points, the smallest of the published gains


@claim("attention-raises-accuracy")
@pytest.mark.trained
@pytest.mark.cifar
@pytest.mark.parametrize("what, changed, steps", [
    pytest.param("ResNet-8, SE", {"module": "SE"}, TEN_EPOCHS, id="SE"),
    pytest.param("ResNet-8, CBAM", {"module": "CBAM"}, TEN_EPOCHS, id="CBAM"),
    pytest.param("ResNet-8, ECA", {"module": "ECA"}, TEN_EPOCHS, id="ECA"),
    pytest.param("ResNet-8, ten epochs", {}, TEN_EPOCHS // 4, id="four times the epochs",
                 marks=counterexample("to train four times as long adds more than 1.5 points")),
])
def test_a_module_adds_less_to_a_small_net_than_was_published(what, changed, steps, course_laboratory, evidence):
    """In ResNet-8, after ten epochs of CIFAR-10 at 16 x 16 px, no module adds 1.5 points of test accuracy."""
    need_course_scale(course_laboratory, "5 to 40 pairs of ResNet-8 of ten epochs, 3.5 minutes each on a CPU core")
    plain = Arm("ResNet-8", train_classifier, **SMALL, steps=steps)
    other = Arm(what, train_classifier, **SMALL, **changed, steps=TEN_EPOCHS)
    gain = course_laboratory.compare({plain: +1, other: -1}, METRIC, -LEAST, alpha=ALPHA, cap=CAP)
    evidence.experiment(gain)
    evidence.figure("bars", "Test accuracy", **bars_of_means(gain), unit="%")

    assert gain.verdict == "confirmed"
