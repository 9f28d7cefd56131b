"""L1 at course scale: how far do nets overfit 5,000 photographs of CIFAR-10? Rates and steps from seed 1000."""

import pytest

from lab.claims import claim, counterexample
from lab.claims.evidence import bars_of_means
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.models.lenet import LeNet
from lab.models.small.colour import WideColour
from lab.training.variations import train_varied

RECIPE = dict(data="cifar10", images=5000, batch=50, momentum=0.9)  # tested on all 10,000
FC, LENET = dict(model=WideColour, lr=0.003), dict(model=LeNet, in_channels=3, lr=0.005)


def trained(name, steps, recipe):
    return Arm(name, train_varied, steps=steps, **RECIPE, **recipe)


@claim("fc-overfits-easily")
@pytest.mark.trained
@pytest.mark.cifar
@pytest.mark.parametrize("name, steps, recipe", [
    pytest.param("fully connected", 2000, FC, id="fully connected"),
    pytest.param("LeNet", 3000, LENET, id="LeNet, nearly all of whose weights are fully connected"),
    pytest.param("fully connected, one epoch", 100, FC, id="fully connected, one epoch",
                 marks=counterexample("after one epoch it has not learnt its training images by heart")),
])
def test_nets_with_fully_connected_layers_overfit_photos(name, steps, recipe, laboratory, evidence):
    """From 5,000 photographs, nets with FC layers come to be over 40 points better on these than on new ones."""
    need_course_scale(laboratory, "5 to 24 nets and their untrained twins, 2 minutes on a CPU core")
    net, twin = trained(name, steps, recipe), trained("after one step", 1, recipe)
    gap = laboratory.compare({net: +1, twin: -1}, metric="generalization gap", margin=40, cap=24)
    evidence.experiment(gap)
    evidence.figure("bars", "Training accuracy minus test accuracy", **bars_of_means(gap), unit="points")

    assert gap.verdict == "confirmed"
