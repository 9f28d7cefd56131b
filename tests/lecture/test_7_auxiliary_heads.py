"""L7: what GoogLeNet's auxiliary heads do to a training step, and what is left of them afterwards."""

from functools import cache

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.models.inception import GoogLeNet, loss_with_heads

BELOW_THE_HEADS = ["stem", "3a", "3b", "4a", "4b", "4c", "4d"]  # the heads stand on 4a and 4d
PARTS = [*BELOW_THE_HEADS, "4e", "5a", "5b"]


def he(weight):
    """He's start for ReLU, variance 2 / fan-in: the signal keeps its size from layer to layer."""
    nn.init.kaiming_normal_(weight)


def shrinking(weight):
    """torch's own start, variance 1 / (3 fan-in): the signal loses five sixths of its power at each layer."""
    nn.init.kaiming_uniform_(weight, a=5**0.5)


def parts(net):
    """The stem and the modules of a GoogLeNet, from the image to the classifier."""
    return {"stem": net.stem, **net.inception}


@cache
def outputs_for_one_image(start):
    """A new net's outputs for an image, and the first kernels of each of its parts."""
    torch.manual_seed(3)
    net = GoogLeNet(classes=7, heads=True)
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            start(layer.weight)
    return net(torch.randn(1, 3, 224, 224)), [next(part.parameters()) for part in parts(net).values()]


@cache
def first_gradients(start, head_weight=None):
    """Gradient of each part's first kernels at the start: of the main loss alone, or with the heads' weighed in."""
    outputs, kernels = outputs_for_one_image(start)
    label, alone = torch.tensor([5]), head_weight is None
    loss = loss_with_heads(outputs[:1], label) if alone else loss_with_heads(outputs, label, head_weight)
    return torch.autograd.grad(loss, kernels, retain_graph=True)


@claim("auxiliary-heads")
@pytest.mark.exact
@pytest.mark.parametrize("weight", [
    pytest.param(0.3, id="loss weight 0.3, as in the paper"),
    pytest.param(0.0, id="loss weight 0", marks=counterexample("a head whose loss weighs nothing teaches nothing")),
])
def test_the_heads_change_the_gradient_of_the_layers_below_them(weight, evidence):
    """The heads' losses change the gradient of the layers below them, and leave those above as they are."""
    alone, together = first_gradients(he), first_gradients(he, weight)
    changed = [name for name, a, b in zip(PARTS, alone, together, strict=True) if not torch.equal(a, b)]
    evidence.measured("parts whose gradient the heads change", changed, expected=BELOW_THE_HEADS)

    assert changed == BELOW_THE_HEADS


@claim("auxiliary-heads")
@pytest.mark.exact
@pytest.mark.parametrize("start, weight", [
    pytest.param(shrinking, 0.3, id="a start that lets the signal shrink"),
    pytest.param(he, 0.3, id="He's start",
                 marks=counterexample("where the signal does not shrink, the heads have little to add")),
    pytest.param(shrinking, 0.0, id="loss weight 0", marks=counterexample("their loss has to count")),
])
def test_the_heads_make_up_for_a_vanishing_gradient(start, weight, evidence):
    """Where the gradient vanishes on its way down, the heads make the first layer's more than ten times larger."""
    alone, together = ([gradient.norm().item() for gradient in gradients]
                       for gradients in (first_gradients(start), first_gradients(start, weight)))
    evidence.measured("gradient of the first layer, main loss", alone[0], convention="norm, at the start, one image")
    evidence.measured("times larger with the heads", together[0] / alone[0])
    evidence.figure("lines", "Gradient that reaches the first kernels of each part", x=list(range(1, len(PARTS) + 1)),
                    series={"main loss": alone, "with the heads": together}, xlabel="part: stem, 3a, ..., 5b",
                    ylabel="norm of the gradient", logy=True)

    assert together[0] > 10 * alone[0]


@claim("auxiliary-heads")
@pytest.mark.exact
@pytest.mark.parametrize("training", [
    pytest.param(False, id="inference"),
    pytest.param(True, id="training", marks=counterexample("in training the heads' outputs are part of the loss")),
])
def test_nothing_of_the_heads_is_left_at_inference(training, evidence):
    """At inference the heads are gone: the output depends on GoogLeNet's own 7.0 of 13.4 million parameters."""
    with torch.device("meta"):
        net, images = GoogLeNet(heads=True).train(training), torch.empty(1, 3, 224, 224)
        sum(logits.sum() for logits in net(images)).backward()
    used = sum(parameter.numel() for parameter in net.parameters() if parameter.grad is not None)
    evidence.measured("parameters in training", count_parameters(net), convention="with biases")
    evidence.measured("parameters that the output needs", used, expected=6_990_272 + 8_280, convention="with biases")

    assert used == 6_990_272 + 8_280


@claim("auxiliary-heads")
@pytest.mark.exact
@pytest.mark.parametrize("trained", [
    pytest.param(PARTS, id="one loss for all"),
    pytest.param(["4a"], id="layer-wise pre-training",
                 marks=counterexample("layer-wise pre-training holds the layers below fixed, and has none above")),
])
def test_one_step_moves_every_layer_at_once(trained, evidence):
    """One training step moves all layers at once; layer-wise pre-training would move one."""
    with torch.device("meta"):
        net = GoogLeNet(heads=True)
        for name, part in parts(net).items():
            part.requires_grad_(name in trained)
        outputs = net(torch.empty(1, 3, 224, 224))
        loss_with_heads(outputs, torch.empty(1, dtype=torch.long)).backward()
    moved = [name for name, part in parts(net).items() if next(part.parameters()).grad is not None]
    evidence.measured("parts that a step moves", moved, expected=PARTS)

    assert moved == PARTS
