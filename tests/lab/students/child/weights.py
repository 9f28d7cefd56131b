"""The same random numbers in both processes: the one that judges has never to believe what a weight is said to be."""

import math

import torch

FILLED = ("running_mean", "running_var")  # buffers that get numbers; others may be constants of the student's


def noise(shape, seed):
    """Standard normal numbers of a shape."""
    return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))


def weight(number, name, shape):
    """Values of the tensor that is the `number`-th of a network and has this name in its layer."""
    if name == "running_var":
        return torch.rand(tuple(shape), generator=torch.Generator().manual_seed(number)) + 0.5
    return noise(shape, number) / math.sqrt(max(1, math.prod(shape[1:])))


def small_net(classes=5):
    """A net with BatchNorm for images (N, 2, 7, 7), whose answers in evaluation and in training mode differ."""
    net = torch.nn.Sequential(
        torch.nn.Conv2d(2, 6, 3), torch.nn.BatchNorm2d(6), torch.nn.Flatten(), torch.nn.Linear(6 * 5 * 5, classes)
    )
    fill(net)
    return net


def fill(net):
    """Give every parameter, and running mean and variance, its `weight`; return {layer: {name: (number, shape)}}."""
    number, layers = 0, {}
    with torch.no_grad():
        for layer in net.modules():
            own = [*layer.named_parameters(recurse=False)]
            own += [pair for pair in layer.named_buffers(recurse=False) if pair[0] in FILLED and pair[1] is not None]
            for name, tensor in own:
                tensor.copy_(weight(number, name, tensor.shape))
                layers.setdefault(layer, {})[name] = (number, list(tensor.shape))
                number += 1
    return layers
