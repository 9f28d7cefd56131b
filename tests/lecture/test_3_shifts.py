"""L3: a convolution moves with the image; whether the answer stays where the image moves is another question."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import curves
from lab.models.small.even import EvenNet
from lab.training.moved_images import SHIFTS, answer_moved


def convolution(stride=1):
    """3x3, wrapped round the edge."""
    return nn.Conv2d(3, 5, 3, stride, padding=1, padding_mode="circular")


@claim("equivariance-is-not-invariance")
@pytest.mark.exact
@pytest.mark.parametrize("layers, shift", [
    pytest.param(lambda: [convolution()], 1, id="convolution"),
    pytest.param(lambda: [convolution(), nn.ReLU(), nn.Conv2d(5, 7, 1)], 1, id="convolution, ReLU, 1x1 convolution"),
    pytest.param(lambda: [convolution(stride=2)], 2, id="stride 2, moved by 2 px"),
    pytest.param(lambda: [convolution(stride=2)], 1, id="stride 2, moved by 1 px",
                 marks=counterexample("every other place is left out, and now these are others")),
    pytest.param(lambda: [convolution(), nn.MaxPool2d(2)], 1, id="2x2 pooling, moved by 1 px",
                 marks=counterexample("other pixels are pooled together")),
])
def test_moving_the_image_moves_the_maps(layers, shift, evidence):
    """If the image moves, the maps of a convolution move with it and stay the same: it is equivariant."""
    layers, image = nn.Sequential(*layers()).double(), torch.randn(1, 3, 12, 12, dtype=torch.float64)
    maps, moved = layers(image), layers(image.roll(shift, -1))
    back = shift * maps.shape[-1] // image.shape[-1]  # px of the maps
    apart = (moved - maps.roll(back, -1)).abs().max().item()
    evidence.measured("largest difference from the maps moved alike", apart, expected="rounding only, below 1e-12")

    assert apart < 1e-12


@claim("equivariance-is-not-invariance")
@pytest.mark.exact
@pytest.mark.parametrize("parts", [
    pytest.param({}, id="stride 1, mean of each map"),
    pytest.param({"strides": (1, 2, 1)}, id="with a stride of 2", marks=counterexample("other places are left out")),
    pytest.param({"pooled": (1,)}, id="with 2x2 pooling", marks=counterexample("other pixels are pooled together")),
    pytest.param({"flat": True}, id="with a linear layer over all units",
                 marks=counterexample("each unit has weights of its own, and now another one answers")),
])
def test_only_an_even_net_gives_the_same_answer(parts, evidence):
    """Without stride, and with the mean of each map before the classifier, a moved image has the same logits."""
    blank = F.pad(torch.randn(3, 1, 10, 10, dtype=torch.float64), [2] * 4)      # around the drawing, as around a digit
    net, images = EvenNet(**parts).double(), F.interpolate(blank, scale_factor=2)
    apart = (net(images.roll(2, -1)) - net(images)).abs().max().item()      # px of 28; the net averages 2 x 2 first
    evidence.measured("largest difference of a logit", apart, expected="rounding only, below 1e-9")

    assert apart < 1e-9


def moved(name, steps=80, lr=0.2, **net):
    """Two 3x3 layers, trained and tested on digits averaged to 14 x 14, which are moved round. Rates from tuning."""
    return Arm(name, answer_moved, model=EvenNet, widths=(8, 16), steps=steps, lr=lr, **net)


EVEN = moved("stride 1, mean of each map", steps=0, strides=(1, 1))     # the same answers whatever its weights
MEAN = moved("stride 2, mean of each map", strides=(2, 2))
FLAT = moved("stride 2, every unit classified", steps=60, lr=0.1, strides=(2, 2), flat=True)
UNTRAINED = moved("stride 2, every unit classified, before training", steps=0, strides=(2, 2), flat=True)


@claim("equivariance-is-not-invariance")
@pytest.mark.trained
@pytest.mark.parametrize("net, margin", [
    pytest.param(FLAT, 5.0, id="stride 2 and a linear layer over all units"),
    pytest.param(MEAN, 2.0, id="stride 2"),
    pytest.param(UNTRAINED, 5.0, id="before training",
                 marks=counterexample("a net that knows no digit has no accuracy to lose")),
])
def test_a_trained_net_loses_accuracy_when_digits_move(net, margin, laboratory, evidence, even=EVEN):
    """Digits moved by 1 of 14 px cost a trained net of stride 2 over 2 points, over 5 if it classifies every unit."""
    lost = laboratory.compare({net: +1, even: -1}, metric="accuracy lost", margin=margin, cap=32)
    evidence.experiment(lost)
    changed = [trial["answers changed"] for trial in laboratory.trials(net, lost.seeds)]
    evidence.measured("answers changed", [min(changed), max(changed)], unit="%",
                      convention="of the test images, moved by 1 px to the right; lowest and highest")
    evidence.figure("lines", "Test accuracy on moved digits", x=list(SHIFTS), xlabel="px to the right",
                    ylabel="test accuracy, %", **curves(laboratory, [net], lost.seeds, "accuracy by shift"))

    assert lost.verdict == "confirmed"
