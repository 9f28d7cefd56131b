"""Our module with a student's weights: which of their layers stands for which of ours is found by shape and order.

Names of attributes and the order in which they are defined are the student's own affair. So layers are taken in the
order in which they run, a convolution together with the BatchNorm that follows it; those of one shape may stand for
each other, and every such assignment is tried.
"""

import math
from collections import defaultdict
from itertools import islice, permutations, product

import torch
from torch import nn

from lab.students.child import observed, weights

MOST = 24  # assignments that are tried
LARGEST, MOST_TENSORS = 10**7, 1000  # weights of a student's module; tensors that hold them


def layers_told(seen):
    """Their layers, [{name: values}], in the order in which they ran; raises ValueError where they are told as larger
    than any exercise asks for."""
    told = [(number, name, shape) for one in seen["layers"] for name, (number, shape) in one.items()]
    if sum(math.prod(shape) for *_, shape in told) > LARGEST or len(told) > MOST_TENSORS:
        raise ValueError("too many weights")
    return [
        {name: weights.weight(number, name, shape) for name, (number, shape) in one.items()} for one in seen["layers"]
    ]


def copies(build, images, theirs):
    """Yield our module in evaluation mode, `build()`, with their weights in every assignment that fits."""
    ours = build().eval()
    own = [layer for layer in observed.in_order(ours, images) if _tensors(layer)]
    our_places, their_places = _by_form(own, _tensors), _by_form(theirs, dict)
    if {form: len(found) for form, found in our_places.items()} != {f: len(n) for f, n in their_places.items()}:
        return
    choices = product(*(permutations(their_places[form]) for form in our_places))
    for choice in islice(choices, MOST):
        for places, others in zip(our_places.values(), choice):
            for place, other in zip(places, others):
                for layer, tensors in zip(place, other):
                    _copy(tensors, layer)
        yield ours


def weights_in(layers):
    """How many weights: without biases, and without the scales and shifts of BatchNorm."""
    return sum(values.numel() for tensors in layers for values in tensors.values() if values.dim() > 1)


def our_layers(module):
    """The tensors of our module's layers, as `layers_told` gives theirs."""
    return [tensors for layer in module.modules() if (tensors := _tensors(layer))]


def _tensors(layer):
    own = [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]
    return {name: tensor for name, tensor in own if name in ("weight", "bias", *weights.FILLED)}


def _by_form(layers, tensors_of):
    """{form of a unit: its units in order}; a unit is a layer, or a convolution and its BatchNorm."""
    forms = [_form(tensors_of(layer)) for layer in layers]
    units, place = defaultdict(list), 0
    while place < len(layers):
        paired = place + 1 < len(layers) and len(forms[place]) > 2 and forms[place + 1][0] == "norm"
        length = 2 if paired and forms[place][1] == forms[place + 1][1] else 1
        units[tuple(forms[place : place + length])].append(layers[place : place + length])
        place += length
    return units


def _form(tensors):
    """What a layer is known by; a 1x1 convolution and a linear layer are the same."""
    if "running_mean" in tensors or "weight" not in tensors or tensors["weight"].dim() == 1:
        return ("norm", *next(iter(tensors.values())).shape)
    shape = list(tensors["weight"].shape)
    while len(shape) > 2 and shape[-1] == 1:
        shape.pop()
    return ("layer", *shape)


@torch.no_grad()
def _copy(tensors, layer):
    """Their values into our layer; a bias that only one of the two has is added, or is zero."""
    for name, values in tensors.items():
        own = getattr(layer, name, None)
        if own is None:
            setattr(layer, name, nn.Parameter(values.clone()))
        else:
            own.copy_(values.reshape(own.shape))
    if "bias" not in tensors and getattr(layer, "bias", None) is not None:
        layer.bias.zero_()
