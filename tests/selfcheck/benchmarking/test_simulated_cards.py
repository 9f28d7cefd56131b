"""The model of a card: its rates, its roofs, the three ways to convolve, and that launches are its least time."""
from dataclasses import replace

import pytest
import torch
from torch import nn

from lab.benchmarking.datasheets import datasheet_peak
from lab.device import MODES
from selfcheck.benchmarking.simulated.cards import (
    BYTES_REACH,
    CARDS,
    CONVOLUTIONS_REACH,
    FFT,
    GEMM,
    LAUNCH,
    WINOGRAD,
    Kernel,
)
from selfcheck.benchmarking.simulated.cuda import simulated_cuda

CUDA = torch.device("cuda")
A100 = CARDS["A100"]


@pytest.mark.parametrize("card, name", [
    ("T4", "Tesla T4"), ("A100", "NVIDIA A100-SXM4-40GB"), ("H100", "NVIDIA H100 80GB HBM3")])
@pytest.mark.parametrize("mode, kernel", [
    ("float32", Kernel(1, 0)), ("TF32", Kernel(1, 0, tf32=True)), ("fp16 autocast", Kernel(1, 0, half=True))])
def test_a_card_has_its_datasheets_rates(card, name, mode, kernel):
    """Products alone, so many that one second passes at the datasheet's peak."""
    peak = datasheet_peak(name, MODES[mode])
    one_second = replace(kernel, flops=peak)

    assert CARDS[card].seconds(one_second, GEMM) == pytest.approx(1 / 0.8)


def kernels(layer, shape):
    """What the layer launches in a forward pass, on images of this shape."""
    with pytest.MonkeyPatch.context() as patch, simulated_cuda(patch) as (launches, be):
        be(A100)
        layer, images = layer.to(CUDA), torch.rand(shape, device=CUDA)
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return launches.of(lambda: layer(images))


def convolved(kernel, channels, batch=32, side=28, stride=1):
    layer = nn.Conv2d(channels, channels, kernel, stride, kernel // 2, bias=False)
    return kernels(layer, (batch, channels, side, side))[0]


def test_a_large_convolution_takes_its_flops_and_an_activation_its_bytes():
    flops, numbers = 2 * 9 * 256 * 256 * 28**2 * 32, 256 * 28**2 * 32
    [activation] = kernels(nn.ReLU(), (32, 256, 28, 28))

    assert A100.seconds(convolved(3, 256), GEMM) == pytest.approx(flops / (19.5e12 * CONVOLUTIONS_REACH))
    assert A100.seconds(activation, GEMM) == pytest.approx(2 * 4 * numbers / (1555e9 * BYTES_REACH))


def gain(algorithm, *sizes, **options):
    """Times as fast as by matrix products."""
    one = convolved(*sizes, **options)
    return A100.seconds(one, GEMM) / A100.seconds(one, algorithm)


def test_winograd_does_a_quarter_of_the_products_of_3x3_at_stride_1():
    assert gain(WINOGRAD, 3, 256) == pytest.approx(4)
    assert gain(WINOGRAD, 5, 256) == gain(WINOGRAD, 3, 256, stride=2) == 1


def test_an_fft_costs_hardly_more_for_a_large_window():
    """544 complex products in the place of 30 x 30 x 9 real ones, or of 28 x 28 x 25."""
    assert gain(FFT, 3, 256, batch=256) == pytest.approx(30**2 * 9 / (4 * 544))
    assert gain(FFT, 5, 256, batch=256) == pytest.approx(28**2 * 25 / (4 * 544))
    assert gain(FFT, 1, 256) == gain(FFT, 3, 256, stride=2) == 1


@pytest.mark.parametrize("layer, shape, launched", [
    (nn.Conv2d(3, 6, 5), (2, 3, 9, 9), 1), (nn.Flatten(), (2, 3, 9, 9), 0), (nn.Identity(), (2, 3), 0)])
def test_a_view_launches_nothing(layer, shape, launched):
    assert len(kernels(layer, shape)) == launched


def test_launches_are_the_least_time_of_a_step():
    """Forty activations of one number are forty launches; of many numbers they are their bytes."""
    many = kernels(nn.Sequential(*[nn.ReLU()] * 40), (1, 1))
    [large] = kernels(nn.ReLU(), (2**28,))

    assert A100.step(many, GEMM) == 40 * LAUNCH
    assert A100.step([large] * 40, GEMM) == pytest.approx(40 * A100.seconds(large, GEMM))


def test_tensor_cores_turn_maps_that_are_not_channels_last():
    """The same convolution in 16 bits, where its bytes are the limit: maps are read, written, and both once more."""
    layer, shape = nn.Conv2d(32, 32, 1, bias=False), (64, 32, 112, 112)
    [last] = kernels(layer.to(memory_format=torch.channels_last), shape)
    as_they_are = replace(last, half=True, window=replace(last.window, channels_last=False))
    ready = replace(as_they_are, window=replace(last.window, channels_last=True))

    assert A100.seconds(as_they_are, GEMM) > A100.seconds(ready, GEMM)
    float32 = replace(as_they_are, half=False)
    assert A100.seconds(float32, GEMM) == A100.seconds(replace(float32, window=ready.window), GEMM)
