"""L6 at course scale: another start for a net of VGG-16's shape without BatchNorm, and whether BatchNorm does more."""

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.experiments.curves import loss_curves
from lab.models.small.narrow_vgg import NarrowVGG
from lab.training.sgd import train_classifier

RECIPE = dict(model=NarrowVGG, steps=240, batch=32, lr=(0.01, 0.02, 0.05), momentum=0.9, tested=0)
NETS = {"PyTorch's start": {}, "Glorot's start": {"start": nn.init.xavier_uniform_},
        "He's start": {"start": nn.init.kaiming_normal_}, "BatchNorm": {"batch_norm": True}}


def lead(laboratory, evidence, worse, better, margin):
    """By how many nats of training loss one of NETS is ahead, each seed of each at its best rate."""
    need_course_scale(laboratory, "5 to 32 pairs of nets like VGG-16, each at three rates, 3 minutes on a CPU core")
    arms = [Arm(name, train_classifier, **NETS[name], **RECIPE) for name in (worse, better)]
    ahead = laboratory.compare(dict(zip(arms, (+1, -1))), metric="training loss", margin=margin)
    evidence.experiment(ahead)
    evidence.figure("lines", "Training loss", **loss_curves(laboratory, arms, ahead.seeds))
    return ahead


@claim("vgg-hard-without-batchnorm")
@pytest.mark.trained
@pytest.mark.parametrize("start", [
    pytest.param("He's start", id="He's start"),
    pytest.param("Glorot's start", id="Glorot's start",
                 marks=counterexample("made for layers without ReLU, it halves the signal's power at each layer")),
])
def test_a_start_made_for_relu_helps(start, laboratory, evidence):
    """Without BatchNorm, He's start brings the training loss of a net of VGG-16's shape over 0.2 nats further down."""
    assert lead(laboratory, evidence, "PyTorch's start", start, margin=0.2).verdict == "confirmed"


@claim("vgg-hard-without-batchnorm")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param("BatchNorm", id="BatchNorm"),
    pytest.param("PyTorch's start", id="PyTorch's start",
                 marks=counterexample("without either, the loss has not moved after 240 steps")),
])
def test_batchnorm_helps_more(net, laboratory, evidence):
    """BatchNorm helps more than He's start: its training loss is over 0.1 nats lower still."""
    assert lead(laboratory, evidence, "He's start", net, margin=0.1).verdict == "confirmed"
