"""L3 at course scale: what the layers of the exercise's LeNet keep of photographs, before and after training."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.experiments.curves import curves
from lab.models.small.chain import NoLayers
from lab.models.small.colour import WatchedLeNet
from lab.training.linear_probes import probe_layers

# On seeds 1000 and 1001, from the first layer to the last, trained nets lost 0.12 and 0.18 of the pixels' R2 and won
# 0.17 and 0.20 of the class's; before training they lost 0.22 and 0.13, and won nothing.
STEPS = {"trained": 1500, "before training": 0}     # batches of 32 of CIFAR-10's 50,000 training images


def lenet(name):
    return Arm(name, probe_layers, model=WatchedLeNet, data="cifar10", steps=STEPS[name], lr=0.01)


def control():
    return Arm("the image at every layer", probe_layers, model=NoLayers, depth=4, inputs=3 * 16 * 16, data="cifar10",
               steps=0)


def draw_probes(evidence, laboratory, seeds, of):
    arms = [*map(lenet, STEPS), control()]
    evidence.figure("lines", f"What a linear probe reads of {of} from each of LeNet's layers", x=[1, 2, 3, 4],
                    xlabel="layer", ylabel="R²", **curves(laboratory, arms, seeds, f"R2 of {of}"))


@claim("low-layers-see-detail")
@pytest.mark.trained
@pytest.mark.cifar
@pytest.mark.parametrize("net, lost", [
    pytest.param("trained", "pixels lost", id="the pixels, after training"),
    pytest.param("before training", "pixels lost", id="the pixels, before training"),
    pytest.param("trained", "class lost", id="the class",
                 marks=counterexample("the class is not lost on the way: it is read better from higher layers")),
])
def test_the_pixels_of_photos_are_read_best_from_low_layers(net, lost, laboratory, evidence):
    """The higher LeNet's layer, the less of a photograph's pixels can be read from it, trained or not."""
    need_course_scale(laboratory, "5 to 24 LeNets of 1,500 steps, 2 minutes on a CPU core")
    fall = laboratory.compare({lenet(net): +1, control(): -1}, metric=lost, margin=0.08, cap=24)     # of R2
    evidence.experiment(fall)
    draw_probes(evidence, laboratory, fall.seeds, "the pixels")

    assert fall.verdict == "confirmed"


@claim("high-layers-see-meaning")
@pytest.mark.trained
@pytest.mark.cifar
@pytest.mark.parametrize("net", [
    pytest.param("trained", id="trained"),
    pytest.param("before training", id="untrained",
                 marks=counterexample("random layers lose the class with the pixels: only training lets it rise")),
])
def test_the_class_of_photos_is_read_best_from_high_layers(net, laboratory, evidence):
    """In LeNet, trained on photographs, a linear probe reads the class better from the last layer than the first."""
    need_course_scale(laboratory, "5 to 24 LeNets of 1,500 steps, 2 minutes on a CPU core")
    rise = laboratory.compare({lenet(net): +1, control(): -1}, metric="class gained", margin=0.08, cap=24)    # of R2
    evidence.experiment(rise)
    draw_probes(evidence, laboratory, rise.seeds, "the class")

    assert rise.verdict == "confirmed"
