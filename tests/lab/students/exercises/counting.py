"""Counts and sizes: parameters, output size, receptive field, batches in an epoch."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader

from lab.counting import count_parameters, receptive_field
from lab.counting.meta_device import output_shape
from lab.students.judging import Call, by_value


def conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    """Parameters of torch's own layer."""
    return count_parameters(nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, bias=bias, device="meta"))


def conv_side(size, kernel_size, stride=1, padding=0, dilation=1):
    """Side in px of the map that torch's own layer makes."""
    layer = nn.Conv2d(1, 1, kernel_size, stride, padding, dilation, device="meta")
    return output_shape(layer, torch.empty(1, 1, size, size))[-1]


def batches(samples, batch_size, drop_last=False):
    """Batches of torch's own loader."""
    return len(DataLoader(range(samples), batch_size, drop_last=drop_last))


def early_strides(layers):
    """As if a layer's stride spread its own kernel already."""
    side = step = 1
    for kernel, stride in layers:
        step *= stride
        side += (kernel - 1) * step
    return side


COUNTING = {
    "count_conv_parameters": by_value(
        calls=[
            Call("3x3, 3 to 4 channels", (3, 3, 4)),
            Call("3x3, 3 to 4 channels, without bias", (3, 3, 4), {"bias": False}),
            Call("5x5, 7 to 11 channels", (5, 7, 11)),
            Call("3x3, 14 to 22 channels in 2 groups", (3, 14, 22), {"groups": 2}),
            Call("7x7, depthwise, 13 channels, without bias", (7, 13, 13), {"groups": 13, "bias": False}),
        ],
        right=conv_parameters,
        mistaken={
            "bias-forgotten": lambda k, ins, outs, groups=1, bias=True: conv_parameters(k, ins, outs, groups, False),
            "bias-twice": lambda k, ins, outs, groups=1, bias=True: (
                conv_parameters(k, ins, outs, groups, bias) + (outs if bias else 0)
            ),
            "groups-ignored": lambda k, ins, outs, groups=1, bias=True: conv_parameters(k, ins, outs, 1, bias),
            "groups-divide-twice": lambda k, ins, outs, groups=1, bias=True: (
                k * k * (ins // groups) * (outs // groups) + (outs if bias else 0)
            ),
        },
    ),
    "conv_output_size": by_value(
        calls=[
            Call("32 px, 5x5", (32, 5)),
            Call("64 px, 3x3, border 1", (64, 3), {"padding": 1}),
            Call("224 px, 7x7, stride 2, border 3", (224, 7), {"stride": 2, "padding": 3}),
            Call("227 px, 11x11, stride 4", (227, 11), {"stride": 4}),
            Call("31 px, 3x3, dilation 2, border 1", (31, 3), {"dilation": 2, "padding": 1}),
        ],
        right=conv_side,
        mistaken={
            "padding-forgotten": lambda size, k, stride=1, padding=0, dilation=1: conv_side(
                size, k, stride, 0, dilation
            ),
            "padding-on-one-side": lambda size, k, stride=1, padding=0, dilation=1: conv_side(
                size + padding, k, stride, 0, dilation
            ),
            "dilation-ignored": lambda size, k, stride=1, padding=0, dilation=1: conv_side(size, k, stride, padding),
            "rounded-up": lambda size, k, stride=1, padding=0, dilation=1: (
                math.ceil((size + 2 * padding - dilation * (k - 1) - 1) / stride) + 1
            ),
            "first-position-forgotten": lambda size, k, stride=1, padding=0, dilation=1: (
                conv_side(size, k, stride, padding, dilation) - 1
            ),
        },
    ),
    "receptive_field": by_value(
        calls=[
            Call("one 5x5", ([[5, 1]],)),
            Call("two 3x3", ([[3, 1], [3, 1]],)),
            Call("7x7 with stride 2, then 3x3 with stride 2", ([[7, 2], [3, 2]],)),
            Call("LeNet: 5x5, pooling, 5x5, pooling", ([[5, 1], [2, 2], [5, 1], [2, 2]],)),
        ],
        right=receptive_field,
        mistaken={
            "strides-ignored": lambda layers: receptive_field([kernel for kernel, _ in layers]),
            "kernels-added": lambda layers: sum(kernel for kernel, _ in layers),
            "own-stride-counted": early_strides,
        },
    ),
    "batches_in_epoch": by_value(
        calls=[
            Call("60,000 images, 64 a batch", (60_000, 64)),
            Call("50,000 images, 100 a batch", (50_000, 100)),
            Call("60,000 images, 64 a batch, drop_last", (60_000, 64), {"drop_last": True}),
            Call("7 images, 11 a batch", (7, 11)),
        ],
        right=batches,
        mistaken={
            "last-batch-forgotten": lambda samples, size, drop_last=False: samples // size,
            "one-batch-too-many": lambda samples, size, drop_last=False: samples // size + (0 if drop_last else 1),
            "drop-last-ignored": lambda samples, size, drop_last=False: batches(samples, size),
        },
    ),
}
