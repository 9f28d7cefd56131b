"""L1: does a fully connected net overfit more than a convolutional one, and is it locality or sharing that helps?"""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.models.small.hidden_layers import Convolutional, Full, Local, Wide, WideConvolutional
from lab.training.variations import train_varied


def by_heart(name, model, **width):
    """500 images, 15 epochs: enough for every net here to learn them by heart. Rate from tuning seeds."""
    return Arm(name, train_varied, model=model, images=500, batch=50, steps=150, lr=0.2, tested=1000, **width)


def ladder(name, model):
    """16 maps of 10 x 10 units, pooled to 2 x 2, from 100 images, 50 epochs. Rate and pooling from tuning seeds."""
    return Arm(name, train_varied, model=model, images=100, batch=50, steps=100, lr=0.1, tested=1000)


WIDE, CONVOLUTION = by_heart("fully connected", Wide), by_heart("convolutional", WideConvolutional)
AGAIN = by_heart("itself", WideConvolutional)
STOPPED = Arm("convolutional, ten steps", train_varied, **{**CONVOLUTION.recipe, "steps": 10})
FULL, LOCAL = ladder("fully connected", Full), ladder("locally connected", Local)
SHARED = ladder("convolution", Convolutional)


@claim("fc-overfits-easily")
@pytest.mark.parametrize("net", [
    pytest.param(WIDE, id="fully connected"),
    pytest.param(AGAIN, id="the convolutional net itself", marks=counterexample("a net has no gap to itself")),
])
def test_a_fully_connected_net_overfits_more(net, laboratory, evidence, reference=CONVOLUTION):
    """From 500 images, a fully connected net's generalization gap is over 1 point wider than a convolutional one's."""
    gap = laboratory.compare({net: +1, reference: -1}, metric="generalization gap", margin=1.0, rule="sign", cap=48)
    evidence.experiment(gap)
    evidence.figure("bars", "Training accuracy minus test accuracy", **bars_of_means(gap), unit="points")

    assert gap.verdict == "confirmed"


@claim("fc-overfits-easily")
@pytest.mark.parametrize("net", [
    pytest.param(CONVOLUTION, id="the convolutional net"),
    pytest.param(STOPPED, id="stopped after one epoch",
                 marks=counterexample("a net that has not learnt its training images has no gap either")),
])
def test_the_convolutional_net_fits_its_training_images_as_well(net, laboratory, evidence, reference=WIDE):
    """The convolutional net's smaller gap is not a worse fit: its training accuracy is as high, to 1 point."""
    fit = laboratory.compare({net: +1, reference: -1}, metric="training accuracy", margin=-1.0, rule="sign", cap=48)
    evidence.experiment(fit)
    evidence.figure("bars", "Training accuracy", **bars_of_means(fit), unit="%")

    assert fit.verdict == "confirmed"


@claim("locality-or-sharing")
@pytest.mark.parametrize("more, less", [
    pytest.param(SHARED, LOCAL, id="sharing"),
    pytest.param(LOCAL, FULL, id="locality",
                 marks=counterexample("windows without a shared kernel gain nothing over seeing the whole image")),
])
def test_sharing_raises_accuracy(more, less, laboratory, evidence):
    """With as many units, from 100 images, sharing the kernel raises the test accuracy by more than 3 points."""
    gain = laboratory.compare({more: +1, less: -1}, metric="test accuracy", margin=3.0, cap=48)
    evidence.experiment(gain)
    evidence.figure("bars", "Test accuracy from 100 images", **bars_of_means(gain), unit="%")

    assert gain.verdict == "confirmed"


@claim("locality-or-sharing")
@pytest.mark.parametrize("more, less", [
    pytest.param(LOCAL, FULL, id="locality"),
    pytest.param(SHARED, LOCAL, id="sharing", marks=counterexample("sharing raises it by more than 3 points")),
])
def test_locality_alone_does_not(more, less, laboratory, evidence):
    """Windows alone, without a shared kernel, raise the test accuracy by less than 3 points, if they don't lower it."""
    kept = laboratory.compare({less: +1, more: -1}, metric="test accuracy", margin=-3.0, cap=48)
    evidence.experiment(kept)

    assert kept.verdict == "confirmed"
