"""Answers that earn every point. A course that keeps them apart takes this folder away; grading does not need it."""

import math

import torch
import torch.nn.functional as F
from attention import cbam, eca, squeeze_excitation
from blocks import bottleneck, inception_module, lenet, residual_block, residual_stage, two_3x3

__all__ = [
    "bottleneck",
    "cbam",
    "eca",
    "inception_module",
    "lenet",
    "residual_block",
    "residual_stage",
    "squeeze_excitation",
    "two_3x3",
]


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    weights = kernel_size * kernel_size * (in_channels // groups) * out_channels
    return weights + out_channels if bias else weights


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    window = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - window) // stride + 1


def receptive_field(layers):
    side = step = 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step *= stride
    return side


def shuffle_pixels(images, seed):
    order = torch.randperm(images[0, 0].numel(), generator=torch.Generator().manual_seed(seed))
    return images.flatten(2)[:, :, order].reshape(images.shape)


@torch.no_grad()
def test_accuracy(net, images, labels, batch_size):
    net.eval()
    right = 0
    for batch, truth in zip(images.split(batch_size), labels.split(batch_size)):
        right += (net(batch).argmax(dim=1) == truth).sum().item()
    return 100 * right / len(labels)


def dataset_mean_std(images):
    values = images.movedim(1, 0).flatten(1) / 255  # (C, N H W)
    return values.mean(dim=1), values.std(dim=1, correction=0)


def batches_in_epoch(samples, batch_size, drop_last=False):
    return samples // batch_size if drop_last else math.ceil(samples / batch_size)


def conv1x1_by_linear(weight, bias, images):
    pixels = images.movedim(1, -1)  # (N, H, W, C)
    return F.linear(pixels, weight[:, :, 0, 0], bias).movedim(-1, 1)
