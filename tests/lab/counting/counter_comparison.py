"""What several counters print for one and the same run of a network, with the items that explain the differences."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lab.counting.meta_device import quick_shapes, weightless, with_zeros
from lab.counting.multiply_adds import counting_multiply_adds
from lab.counting.other_counters import fvcore_by_operation, torchinfo_multiply_adds


def image(side=224):
    """One photograph's worth of noise, (1, 3, side, side)."""
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))


@dataclass(frozen=True)
class Counts:
    """Operations for one 224 px image, each number as its tool prints it, and what came out."""

    ours: int  # multiply-adds of convolutions and matrix products (lab.counting.multiply_adds)
    torchinfo: int  # its total_mult_adds
    flop_counter: int  # FLOPs of torch.utils.flop_counter
    layers: list[tuple[type, int, int]]  # what torchinfo starts from: see noted_layers
    output: tuple[int, ...]  # shape


@cache
def counts(builder):
    """What three counters see in one and the same run of the network that `builder()` returns, in eval mode."""
    model, shapes = weightless_network(builder), []
    hook = model.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape)))
    with (
        noted_layers(model) as layers,
        FlopCounterMode(display=False) as flops,
        counting_multiply_adds() as ours,
        quick_shapes(),
    ):
        torchinfo = torchinfo_multiply_adds(model, image())
    hook.remove()
    return Counts(ours.total, torchinfo, flops.get_total_flops(), layers, *shapes)


@cache
def fvcore_items(builder):
    """fvcore's count by kind of operation, of a run of its own: it has to be a real one. fvcore prints their sum."""
    return fvcore_by_operation(weightless_network(builder), image())


def our_multiply_adds(builder):
    """Convolutions and matrix products, as torchvision counts them."""
    return counts(builder).ours


def fvcore_multiply_adds(builder):
    """As timm counts them: normalisation and pooling too."""
    return sum(fvcore_items(builder).values())


def printed(builder):
    """{counter: number}, the convention that the counter states in brackets."""
    found = counts(builder)
    return {
        "ours (multiply-adds)": found.ours,
        "fvcore (multiply-adds)": fvcore_multiply_adds(builder),
        "torchinfo (multiply-adds)": found.torchinfo,
        "FlopCounterMode (FLOPs)": found.flop_counter,
    }


def torch_flops(builder):
    """FLOPs that FlopCounterMode sees on the meta device."""
    return counts(builder).flop_counter


def torch_flops_really_run(builder):
    """The same as one predicts: on the CPU, without gradients, PyTorch free to take its fused kernels."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        with_zeros(weightless_network(builder))(image())
    return counter.get_total_flops()


@cache
def weightless_network(builder):
    """`builder()` in eval mode, with parameters that have shapes and no numbers."""
    with weightless():
        return builder().eval()


@contextmanager
def noted_layers(module):
    """A list that fills with (kind, parameters, positions) of each call of a layer that has a `weight` of its own.

    parameters: of its weight and bias; positions: places of the output map at which a convolution uses them, or tokens
    on which a linear layer does.
    """
    layers = []

    def note(layer, _, output):
        own = sum(p.numel() for name, p in layer.named_parameters(recurse=False) if name in ("weight", "bias"))
        channels = output.shape[1] if isinstance(layer, nn.Conv2d) else output.shape[-1]
        layers.append((type(layer), own, output.numel() // channels))

    hooks = [layer.register_forward_hook(note) for layer in module.modules() if hasattr(layer, "weight")]
    try:
        yield layers
    finally:
        for hook in hooks:
            hook.remove()
