"""L5: what holds overfitting down in AlexNet: more data, dropout, augmentation; here on a net of one hidden layer."""

from statistics import fmean

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied


def wide(name, images=500, steps=150, **changed):
    """196-300-10, batches of 50 images: the training images learnt by heart. Rate and steps from tuning seeds."""
    return Arm(name, train_varied, model=Wide, images=images, batch=50, steps=steps, lr=0.2, tested=1000, **changed)


PLAIN = wide("as they are")
SIZES = (20, 100, 500)
TRUE = [wide(f"{size} images", size) for size in SIZES]
RANDOM = [wide(f"{size} images, random labels", size, mislabelled=1.0) for size in SIZES[1:]]
NOISY, WITH_DROPOUT = wide("30 % random labels", mislabelled=0.3), wide("dropout", mislabelled=0.3, dropout=0.5)
WITHOUT_EFFECT = wide("dropout of nothing", mislabelled=0.3, dropout=0.0)
LONGER = wide("as they are, 300 steps", steps=300)     # moved images need more steps before test accuracy gains, too
MOVED, UNMOVED = (wide(f"moved by up to {px} px", steps=300, shift=px) for px in (2, 0))


@claim("more-data-helps")
@pytest.mark.parametrize("sizes, more", [
    pytest.param(TRUE, 1, id="100 images against 20"),
    pytest.param(TRUE, 2, id="500 images against 100"),
    pytest.param(RANDOM, 1, id="random labels", marks=counterexample("images without their labels teach nothing")),
])
def test_five_times_the_data_raise_accuracy(sizes, more, laboratory, evidence):
    """With the same number of steps, five times the training images raise the test accuracy by more than 7 points."""
    gain = laboratory.compare({sizes[more]: +1, sizes[more - 1]: -1}, metric="test accuracy", margin=7.0, cap=32)
    evidence.experiment(gain)
    accuracies = [[trial["test accuracy"] for trial in laboratory.trials(arm, gain.seeds)] for arm in sizes]
    evidence.figure("lines", "Test accuracy after 150 steps", x=[arm.recipe["images"] for arm in sizes], logx=True,
                    xlabel="training images", ylabel="%", series={"mean": [fmean(values) for values in accuracies]},
                    bands={"mean": [[min(values) for values in accuracies], [max(values) for values in accuracies]]})

    assert gain.verdict == "confirmed"


@claim("dropout-against-overfitting")
@pytest.mark.parametrize("net", [
    pytest.param(WITH_DROPOUT, id="half of the hidden units left out"),
    pytest.param(WITHOUT_EFFECT, id="none left out", marks=counterexample("dropout with p = 0 is the net without")),
])
@pytest.mark.parametrize("metric, sign, margin", [
    pytest.param("generalization gap", -1, 3.0, id="gap shrinks"),
    pytest.param("test accuracy", +1, 0.1, id="accuracy rises"),
])
def test_dropout_keeps_a_net_from_learning_noise_by_heart(
        net, metric, sign, margin, laboratory, evidence, reference=NOISY):
    """Where 30 % of the labels are random, dropout narrows the gap by more than 3 points and raises test accuracy."""
    effect = laboratory.compare({net: sign, reference: -sign}, metric=metric, margin=margin, rule="sign", cap=48)
    evidence.experiment(effect)
    evidence.figure("bars", f"Effect of dropout: {metric}", **bars_of_means(effect), unit="points")

    assert effect.verdict == "confirmed"


@claim("dropout-against-overfitting")
@pytest.mark.parametrize("net, reference", [
    pytest.param(wide("dropout, true labels", dropout=0.5), PLAIN, id="true labels"),
    pytest.param(WITH_DROPOUT, NOISY, id="30 % random labels",
                 marks=counterexample("with noise to learn by heart, dropout makes a difference of many points")),
])
def test_dropout_changes_little_where_the_labels_are_right(net, reference, laboratory, evidence):
    """On 500 images with true labels, the gap with dropout is within 3 points of the gap without."""
    effect = laboratory.compare({net: +1, reference: -1}, metric="generalization gap", margin=3.0, rule="equivalence",
                                cap=40)
    evidence.experiment(effect)
    evidence.measured("change of the gap", effect.mean, unit="points", expected="no gain for 100 or 500 images",
                      source="Srivastava et al. 2014, section 7.4")

    assert effect.verdict == "confirmed"


@pytest.mark.trained
@claim("augmentation-against-overfitting")
@pytest.mark.parametrize("images", [
    pytest.param(MOVED, id="moved by up to 2 px"),
    pytest.param(UNMOVED, id="moved by 0 px",
                 marks=counterexample("an augmentation that changes nothing helps nothing")),
])
@pytest.mark.parametrize("metric, sign, margin", [
    pytest.param("generalization gap", -1, 2.0, id="gap shrinks"),
    pytest.param("test accuracy", +1, 0.1, id="accuracy rises"),
])
def test_moving_the_images_holds_overfitting_down(
        images, metric, sign, margin, laboratory, evidence, reference=LONGER):
    """Moving the training images by up to 2 pixels narrows the gap by more than 2 points and raises test accuracy."""
    effect = laboratory.compare({images: sign, reference: -sign}, metric=metric, margin=margin, rule="sign", cap=48)
    evidence.experiment(effect)
    evidence.figure("bars", f"Effect of moving the images: {metric}", **bars_of_means(effect), unit="points")

    assert effect.verdict == "confirmed"
