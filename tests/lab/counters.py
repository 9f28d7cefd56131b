"""What several counters print for one and the same run of a network, with the items that explain the differences."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lab.backbones import image
from lab.counting import counting_multiply_adds, fvcore_by_operation, torchinfo_multiply_adds
from lab.meta import quick_norms, weightless, with_zeros


@dataclass(frozen=True)
class Counts:
    """Operations for one 224 px image, each number as its tool prints it."""

    ours: int  # multiply-adds of convolutions and matrix products (lab.counting)
    fvcore: dict[str, int]  # by kind of operation; fvcore prints their sum
    torchinfo: int  # its total_mult_adds
    flop_counter: int  # FLOPs of torch.utils.flop_counter
    layers: list[tuple[type, int, int]]  # what torchinfo starts from: see noted_layers

    def printed(self):
        """{counter: number}, the convention that the counter states in brackets."""
        return {"ours (multiply-adds)": self.ours, "fvcore (multiply-adds)": sum(self.fvcore.values()),
                "torchinfo (multiply-adds)": self.torchinfo, "FlopCounterMode (FLOPs)": self.flop_counter}


@cache
def counts(builder):
    """Every counter on the network that `builder()` returns, in eval mode: all but fvcore in one run, torchinfo's."""
    model, pixels = weightless_network(builder), image()
    with (noted_layers(model) as layers, FlopCounterMode(display=False) as flops, counting_multiply_adds() as ours,
          quick_norms()):
        torchinfo = torchinfo_multiply_adds(model, pixels)
    return Counts(ours.total, fvcore_by_operation(model, pixels), torchinfo, flops.get_total_flops(), layers)


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
