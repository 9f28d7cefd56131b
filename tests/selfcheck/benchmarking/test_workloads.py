"""Networks at work, at tiny sizes on the CPU: on a GPU only the device differs."""
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from benchmarks import test_throughput as rates
from lab.benchmarking.roofline import Peak
from lab.benchmarking.rows import Row
from lab.benchmarking.throughput import throughput
from lab.benchmarking.workloads import NETWORKS, multiply_adds, network_step, on_device
from lab.device import MODES, steady

CPU = torch.device("cpu")
HERE = [name for name, mode in MODES.items() if not mode.graph]     # those that a CPU has


@pytest.fixture(autouse=True)
def one_thread():
    with steady(CPU):
        yield


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_trains_a_step(name):
    side = {"ViT-B/16": 224, "Inception v3": 75, "U-Net": 188}.get(name, 32 if NETWORKS[name].side == 32 else 64)
    step, resident = network_step(name, 2, CPU, side, training=True)
    weights = [parameter for parameter in resident if parameter.requires_grad]
    before = [weight.detach().clone() for weight in weights]
    step()

    assert all(weight.grad is not None for weight in weights)
    assert any(not torch.equal(old, new) for old, new in zip(before, weights))


@pytest.mark.parametrize("mode", HERE)
def test_every_mode_runs(mode, monkeypatch):
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))      # the compiler takes a minute
    result = throughput(Row("LeNet", 3, mode, training=True), CPU, rounds=2)

    assert result.images_per_second > 0
    assert result.bytes > 4 * 62_006 * 2        # parameters and gradients of LeNet, float32
    assert result.multiply_adds == 3 * multiply_adds("LeNet", training=True)


@pytest.mark.parametrize("training", [False, True], ids=["forward", "training"])
@pytest.mark.parametrize("mode", HERE)
def test_a_step_runs_as_its_mode_says(mode, training, monkeypatch):
    """Layout of images and weights, numbers of the result, and whether the compiled network is the one that runs."""
    seen, compiled = [], []
    monkeypatch.setattr(torch, "compile", lambda model: lambda images: compiled.append(model) or model(images))
    step, (images, weights, *_) = network_step("LeNet", 3, CPU, mode=MODES[mode], training=training)
    hook = register_module_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    step()
    hook.remove()
    layouts = {tensor.is_contiguous(memory_format=MODES[mode].memory_format) for tensor in (images, weights)}

    assert layouts == {True}
    assert images.is_contiguous() != MODES[mode].channels_last
    assert seen[-1] == (MODES[mode].dtype)
    assert len(compiled) == MODES[mode].compiled


@pytest.mark.parametrize("mode, moved", [("fp16 autocast", 2.0**-27), ("bf16 autocast", 0.0)])
def test_float16_trains_on_a_loss_that_is_scaled(mode, moved):
    """A gradient of 2^-27, below what float16 can hold, arrives; where nothing is scaled it is rounded to 0."""
    weight, scaler = torch.nn.Parameter(torch.tensor(0.0)), MODES[mode].scaler(CPU)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler.scale((weight.half() * torch.tensor(2.0**-15).half()).float() * 2.0**-12).backward()
    scaler.step(optimizer)

    assert weight.item() == -moved


@pytest.mark.parametrize("name, side", [("U-Net", 188), ("GoogLeNet", 64), ("MobileNetV2", 64)])
def test_channels_last_reaches_every_convolution(name, side):
    """Through U-Net's crops and GoogLeNet's concatenations too."""
    model, images = on_device(name, 2, CPU, side, MODES["channels_last"])
    seen = []
    hook = register_module_forward_pre_hook(
        lambda module, inputs: seen.append(inputs[0]) if isinstance(module, nn.Conv2d) else None)
    with torch.no_grad():
        model.eval()(images)
    hook.remove()

    assert len(seen) > 10
    assert {maps.is_contiguous(memory_format=torch.channels_last) for maps in seen} == {True}


def test_a_batch_that_does_not_fit_is_halved_in_the_row(monkeypatch):
    def scarce(name, batch, *others):
        if batch > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return network_step(name, batch, *others)

    monkeypatch.setattr("lab.benchmarking.throughput.network_step", scarce)
    result = throughput(Row("LeNet", 16), CPU, rounds=2)
    row = result.as_row(CPU, Peak(1e12, 1e12))

    assert (row["batch"], row["asked"]) == (4, 16)
    assert "batch 4 (out of memory at 16)" in result.words(Peak(1e12, 1e12))


def test_a_clock_that_does_not_wait_is_found_out(monkeypatch):
    """Nothing but the start of the work is timed, as on a GPU without a wait: the share of the peak gives it away."""
    monkeypatch.setattr("lab.benchmarking.timing.seconds", lambda step, device: 1e-7)
    result = throughput(Row("ResNet-18", 2, side=64), CPU, rounds=2)

    assert result.flops_per_second / 1e12 > rates.WINOGRAD
