"""L3: what the layers of trained nets keep of an image."""

import pytest
from torch import nn

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import curves
from lab.models.small.chain import ConvChain, NoLayers
from lab.training.linear_probes import probe_layers

NET = {"model": ConvChain, "activation": nn.ReLU, "widths": (8, 16, 16, 32), "strides": (1, 2, 1, 2),
       "kernels": (5, 3, 3, 3)}
TRAINED = Arm("trained", probe_layers, steps=80, **NET)
UNTRAINED = Arm("before training", probe_layers, steps=0, **NET)
NO_LAYERS = Arm("the image at every layer", probe_layers, model=NoLayers, depth=4, steps=0)


def draw_probes(evidence, laboratory, seeds, of):
    evidence.figure("lines", f"What a linear probe reads of {of} from each layer", x=[1, 2, 3, 4], xlabel="layer",
                    ylabel="R²", **curves(laboratory, [TRAINED, UNTRAINED, NO_LAYERS], seeds, f"R2 of {of}"))


@claim("low-layers-see-detail")
@pytest.mark.parametrize("net, lost", [
    pytest.param(TRAINED, "pixels lost", id="the pixels, after training"),
    pytest.param(UNTRAINED, "pixels lost", id="the pixels, before training"),
    pytest.param(TRAINED, "class lost", id="the class",
                 marks=counterexample("the class is not lost on the way: it is read better from higher layers")),
])
def test_the_pixels_are_read_best_from_low_layers(net, lost, laboratory, evidence, reference=NO_LAYERS):
    """The higher the layer, the less of the pixels can be read from it, and depth alone, before training, does this."""
    fall = laboratory.compare({net: +1, reference: -1}, metric=lost, margin=0.05, cap=24)   # of R2, first layer to last
    evidence.experiment(fall)
    draw_probes(evidence, laboratory, fall.seeds, "the pixels")

    assert fall.verdict == "confirmed"


@claim("high-layers-see-meaning")
@pytest.mark.parametrize("net", [
    pytest.param(TRAINED, id="trained"),
    pytest.param(UNTRAINED, id="untrained",
                 marks=counterexample("random layers lose the class with the pixels: only training lets it rise")),
])
def test_the_class_is_read_best_from_high_layers(net, laboratory, evidence, reference=NO_LAYERS):
    """In a trained net a linear probe reads the class better from the last layer than from the first."""
    rise = laboratory.compare({net: +1, reference: -1}, metric="class gained", margin=0.02, cap=32)     # of R2
    evidence.experiment(rise)
    draw_probes(evidence, laboratory, rise.seeds, "the class")

    assert rise.verdict == "confirmed"
