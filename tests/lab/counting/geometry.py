"""The geometry of convolutions by the field's names: what the page's explorables are set to."""

from torch import nn

NUMBERS = ("in_channels", "out_channels", "groups")
SQUARES = ("kernel_size", "stride", "padding", "dilation")


def geometry(layer, **more):
    """{"kernel_size": px, "in_channels": ..., "bias": has it one?, **more} of a square nn.Conv2d; {} of other layers.

    more: what the layer does not know, such as the height of its map.
    """
    if not isinstance(layer, nn.Conv2d):
        return {}
    sides = {name: set(getattr(layer, name)) for name in SQUARES}
    if any(len(side) > 1 for side in sides.values()):
        return {}
    numbers = {name: getattr(layer, name) for name in NUMBERS}
    return {**{name: side.pop() for name, side in sides.items()}, **numbers, "bias": layer.bias is not None, **more}


def reduction(branch):
    """The channels in, between and out of a branch: a convolution, perhaps after a 1x1 that reduces its channels.

    "reduced_channels" is 0 where there is no such 1x1. {} of a branch of other convolutions, or of groups.
    """
    layers = [geometry(layer) for layer in branch.modules() if isinstance(layer, nn.Conv2d)]
    if not all(layers) or any(layer["groups"] > 1 for layer in layers):
        return {}
    kernels = [layer["kernel_size"] for layer in layers]
    if len(layers) not in (1, 2) or len(layers) == 2 and kernels[0] != 1:
        return {}
    return {
        "kernel_size": kernels[-1],
        "in_channels": layers[0]["in_channels"],
        "reduced_channels": layers[0]["out_channels"] if len(layers) == 2 else 0,
        "out_channels": layers[-1]["out_channels"],
        "bias": layers[-1]["bias"],
    }


def stack(layers):
    """{"kernel_size": one for each layer, "stride": ..., "dilation": ...} of layers as receptive_field takes them."""
    whole = [(*((layer,) if isinstance(layer, int) else layer), 1, 1)[:3] for layer in layers]
    return {name: [layer[place] for layer in whole] for place, name in enumerate(("kernel_size", "stride", "dilation"))}
