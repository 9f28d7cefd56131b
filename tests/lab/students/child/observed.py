"""What a network does: its layers in the order in which they run, its output, and the gradient that it hands back."""

import torch

from . import weights

MOST_VALUES = 10**6  # of a result
DIRECTION = 10_007  # seed of the direction in which the output is pulled for the gradient


def observed(net, images):
    """{"layers", "output", "gradient"} of a network in evaluation mode, its weights filled with known numbers.

    layers: one {name: [number, shape]} for each layer with weights, as weights.weight wants them. Raises what the
    network raises.
    """
    net.eval()
    order = in_order(net, images)
    filled = weights.fill(net)
    images = images.clone().requires_grad_()
    output = net(images)
    if not isinstance(output, torch.Tensor):
        raise TypeError(f"the module returns {type(output).__name__}, not a tensor")
    small(output)
    gradient = torch.zeros_like(images)
    if output.requires_grad:
        pull = weights.noise(output.shape, DIRECTION)
        (gradient,) = torch.autograd.grad(output, images, pull.to(output.dtype), allow_unused=True)
    ran = [layer for layer in order if layer in filled]
    ran += [layer for layer in filled if layer not in order]
    return {
        "layers": [{name: list(told) for name, told in filled[layer].items()} for layer in ran],
        "output": output.detach(),
        "gradient": torch.zeros_like(images) if gradient is None else gradient,
    }


def small(tensor):
    """The tensor; raises ValueError for one that is larger than any right answer."""
    if tensor.numel() > MOST_VALUES:
        raise ValueError(f"the result has {tensor.numel():,} values, shape {tuple(tensor.shape)}")
    return tensor


@torch.no_grad()
def in_order(net, images):
    """The modules inside `net` in the order in which they run first; lazy layers have their weights from then on."""
    order, hooks = {}, []
    for layer in net.modules():
        hooks.append(layer.register_forward_hook(lambda layer, inputs, output: order.setdefault(layer)))
    net(images)
    for hook in hooks:
        hook.remove()
    return list(order)
