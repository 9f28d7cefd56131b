"""L6: a net of VGG-16's shape with and without BatchNorm, in training."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import loss_curves
from lab.models.small.narrow_vgg import NarrowVGG, ShallowVGG
from lab.training.sgd import train_classifier

RECIPE = {"steps": 80, "batch": 32, "lr": 0.05, "momentum": 0.9, "tested": 0}
WITHOUT = Arm("13 convolutions without BatchNorm", train_classifier, model=NarrowVGG, **RECIPE)
WITH = Arm("13 convolutions with BatchNorm", train_classifier, model=NarrowVGG, batch_norm=True, **RECIPE)
SHALLOW = Arm("2 convolutions without BatchNorm", train_classifier, model=ShallowVGG, **RECIPE)


@claim("vgg-hard-without-batchnorm")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(WITHOUT, id="as deep as VGG-16"),
    pytest.param(SHALLOW, id="shallow", marks=counterexample("a shallow net trains well without BatchNorm")),
])
def test_a_net_as_deep_as_vgg_does_not_start_without_batchnorm(net, laboratory, evidence, reference=WITH):
    """After 80 steps a narrow net of VGG-16's shape is over 0.2 nats behind the same net with BatchNorm."""
    behind = laboratory.compare({net: +1, reference: -1}, metric="training loss", margin=0.2, cap=24)
    evidence.experiment(behind)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, [net, reference], behind.seeds))

    assert behind.verdict == "confirmed"
