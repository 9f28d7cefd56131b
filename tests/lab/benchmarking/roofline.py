"""Kinds of layers under the roof of a device: what it computes and moves at most, both measured, never looked up.

A layer of intensity I (FLOPs for each byte moved) runs at most at min(peak FLOP/s, I x peak byte/s): Williams, Waterman
and Patterson 2009, "Roofline", CACM 52(4). Two FLOPs are one multiply-add. Bytes moved are the least possible: input,
weights and output once each, as if everything in between stayed on the chip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from lab.benchmarking.cost_comparison import Work
from lab.benchmarking.timing import measure
from lab.counting.meta_device import run_on_meta
from lab.counting.multiply_adds import count_multiply_adds
from lab.device import MODES, before_ampere, precision

PRODUCT_SIDES = {"cuda": (4096, 8192), "mps": (2048, 4096), "cpu": (1024, 2048)}
COPY_BYTES = {"cuda": 2**30, "mps": 2**28, "cpu": 2**27}  # far more than the caches hold
PRODUCT_ROUNDS = 5


@dataclass(frozen=True)
class Peak:
    """The best that was measured on a device in one mode: FLOPs per second, and bytes read and written per second."""

    flops: float
    bandwidth: float

    @property
    def ridge(self):
        """FLOPs for each byte from which on arithmetic, not memory, is the limit."""
        return self.flops / self.bandwidth

    def roof(self, intensity):
        """FLOP/s that a layer of this intensity (FLOPs for each byte) can reach."""
        return min(self.flops, intensity * self.bandwidth)


@cache
def measured_peak(device, mode=MODES["float32"]):
    """Peak by a square matrix product, the best of two sizes, and by a copy; measured once a process, best rounds.

    A convolution may surpass it: its library may be better than that of the products, and Winograd's algorithm for 3x3
    does up to 4 times fewer products than are counted.
    """
    if mode.tf32 is None:  # by default convolutions alone use TF32, but a peak is of what the mode can do
        return measured_peak(device, MODES["float32" if before_ampere(device) else "TF32"])
    best = 0.0
    with precision(mode, device):
        for side in PRODUCT_SIDES[device.type]:
            product = partial(torch.matmul, *torch.rand(2, side, side, dtype=mode.dtype, device=device))
            taken = min(measure(product, device, PRODUCT_ROUNDS).seconds)
            best = max(best, 2 * side**3 / taken)
        source = torch.empty(COPY_BYTES[device.type], dtype=torch.uint8, device=device).fill_(7)
        target = torch.zeros_like(source)
        taken = min(measure(lambda: target.copy_(source), device, PRODUCT_ROUNDS).seconds)
    return Peak(best, 2 * source.numel() / taken)


class Attention(nn.Module):
    """Softmax attention of one layer: three maps (N, heads, tokens, width of a head) -> the same shape; no weights."""

    def forward(self, queries, keys, values):
        return scaled_dot_product_attention(queries, keys, values)


def convolution(kernel, groups=1, widths=(256, 256)):
    """A convolution that keeps the map's size, without bias; widths: its input and output channels."""
    return lambda: nn.Conv2d(*widths, kernel, padding=kernel // 2, groups=groups, bias=False)


def convolutions(*layers):
    """Convolutions (kernel, in_channels, out_channels) in a row, each keeping the map's size, nothing in between."""
    return lambda: nn.Sequential(*[convolution(kernel, widths=widths)() for kernel, *widths in layers])


class AsMatrixProduct(nn.Module):
    """A convolution without bias that keeps the map's size, as one matrix product of weights and windows.

    No library puts Winograd's algorithm or an FFT in its place, so its arithmetic is what is counted.
    """

    def __init__(self, kernel, in_channels, out_channels):
        super().__init__()
        self.kernel = kernel
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels * kernel**2).normal_(std=0.01))

    def forward(self, maps):
        """(N, in_channels, H, W) -> (N, out_channels, H, W)"""
        batch, _, *sides = maps.shape
        windows = nn.functional.unfold(maps, self.kernel, padding=self.kernel // 2)  # (N, in_channels * k * k, H * W)
        return torch.bmm(self.weight.expand(batch, -1, -1), windows).unflatten(2, sides)


def matrix_products(*layers):
    """As `convolutions`, each of them one matrix product."""
    return lambda: nn.Sequential(*[AsMatrixProduct(*layer) for layer in layers])


@dataclass(frozen=True)
class LayerKind:
    """A layer in the middle of a network and the shapes of its inputs for one image."""

    build: Callable[[], nn.Module]
    shapes: tuple[tuple[int, ...], ...]

    def inputs(self, batch, **options):
        return [torch.rand(batch, *shape, **options) for shape in self.shapes]

    def multiply_adds(self, batch):
        return count_multiply_adds(self.build(), *self.inputs(batch, device="meta"))

    def bytes_moved(self, batch, bytes_per_number=4):
        """Input, weights and output, each once."""
        layer, inputs = self.build(), self.inputs(batch, device="meta")
        numbers = [*inputs, *layer.parameters(), run_on_meta(layer, *inputs)]
        return bytes_per_number * sum(tensor.numel() for tensor in numbers)

    def intensity(self, batch):
        """FLOPs for each byte moved, in float32."""
        return 2 * self.multiply_adds(batch) / self.bytes_moved(batch)

    def rate(self, name, batch, device):
        """FLOP/s that it reaches, forward, in float32."""
        work = layer_work(name, self.build, self.shapes, batch)
        return 2e9 * batch * work.amount / work.measured(device).median


MAP = ((256, 28, 28),)  # channels, height, width: as inside GoogLeNet
KINDS = {
    "3x3 convolution": LayerKind(convolution(3), MAP),
    "1x1 convolution": LayerKind(convolution(1), MAP),
    "3x3 convolution, 32 groups": LayerKind(convolution(3, groups=32), MAP),
    "depthwise 3x3 convolution": LayerKind(convolution(3, groups=256), MAP),
    "fully connected layer": LayerKind(lambda: nn.Linear(4096, 4096, bias=False), ((1, 4096),)),  # of VGG-16
    "attention": LayerKind(Attention, ((12, 197, 64),) * 3),  # of ViT-B/16
}


def layer_work(name, build, shapes, batch, unit="10^9 multiply-adds"):
    """Work for lab.benchmarking.cost_comparison: a layer's forward pass, in float32.

    unit: "10^9 multiply-adds", "image" or "megapixel".
    """
    kind = LayerKind(build, shapes)
    height, width = shapes[0][-2:]
    amount = {"image": 1, "megapixel": height * width / 1e6}.get(unit) or kind.multiply_adds(1) / 1e9

    def on_the_device(batch, device):
        layer, inputs = build().to(device).eval(), kind.inputs(batch, device=device)

        def step():
            with torch.no_grad():
                layer(*inputs)

        return step

    return Work(name, on_the_device, amount, unit, batch)
