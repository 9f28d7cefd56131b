"""Images per second, milliseconds, peak memory and share of the measured peak, for networks, batches and modes.

On the CPU: seconds of this process on one thread. The small set (`benchmark`) runs on any device, the full one (`gpu`)
needs CUDA. pytest-benchmark keeps each row; `--benchmark-autosave` and `--benchmark-compare` compare runs.
"""
from dataclasses import replace

import pytest

from lab.benchmarking.roofline import measured_peak
from lab.benchmarking.workloads import NETWORKS, throughput
from lab.claims import claim, counterexample
from lab.device import MODES, Sized, describe, precision, seconds

SMALL = {"LeNet": 32, "VGG of the course": 32, "Inception of the course": 32,
         "ResNet-18": 64, "MobileNetV2": 64, "GoogLeNet": 64}
COMPILED = ("ResNet-50", "VGG-16", "ViT-B/16")     # compiling takes a minute each
WINOGRAD = 4    # F(4x4, 3x3) does so many times fewer products than are counted: Lavin and Gray 2016, arXiv:1509.09308


def small(name, mode="float32", training=False):
    words = f"{name} at {SMALL[name]} px, {'training' if training else 'forward'}, {mode}, batch 8"
    return pytest.param(name, 8, SMALL[name], mode, training, marks=pytest.mark.benchmark, id=words)


def full(name, batch=64, mode="float32", training=False):
    words = f"{name}, {'training' if training else 'forward'}, {mode}, batch {batch}"
    return pytest.param(name, batch, None, mode, training, marks=pytest.mark.gpu, id=words)


BOTH = (False, True)
CASES = [
    *[small(name) for name in SMALL],
    *[small(name, training=True) for name in ("LeNet", "ResNet-18", "MobileNetV2")],
    *[small("ResNet-18", mode) for mode in ("channels_last", "bf16 autocast", "bf16 autocast, channels_last")],
    *[full(name, 64, mode, training) for name in NETWORKS for mode in MODES for training in BOTH
      if mode != "torch.compile" or name in COMPILED],
    *[full(name, batch, "float32", training) for name in NETWORKS for batch in (1, 8, 512) for training in BOTH],
]


@pytest.mark.parametrize("name, batch, side, mode, training", CASES)
def test_throughput(name, batch, side, mode, training, device, benchmark):
    """A clock that waits for the device finds no network far above the measured peak, and a warm device no drift."""
    result = throughput(name, batch, device, side, MODES[mode], training)
    share = result.flops_per_second / measured_peak(device, MODES[mode]).flops
    with precision(MODES[mode], device):
        benchmark.pedantic(seconds, args=(result.step, device), rounds=2)
    benchmark.extra_info.update(result.row(), share_of_peak=share, clocks=describe(device)["clocks"])

    assert 0 < share < WINOGRAD
    assert result.timing.drift < 2


@claim("fewer-flops-less-time")
@pytest.mark.benchmark
@pytest.mark.parametrize("networks, batch", [
    pytest.param(Sized(SMALL, dict.fromkeys(NETWORKS)), Sized(8, 64), id="all networks"),
    pytest.param(Sized({"ResNet-50": 64, "ResNet-152": 64}, {"ResNet-50": 224, "ResNet-152": 224}), Sized(2, 64),
                 id="two of a kind", marks=counterexample("networks of the same layers reach about the same rate")),
])
def test_networks_differ_in_the_rate_that_they_reach(networks, batch, device, evidence):
    """The rate of multiply-adds differs between networks on one device by more than 2: FLOPs don't tell the time."""
    results = [replace(throughput(name, batch.on(device), device, side), step=None)  # a step holds its net
               for name, side in networks.on(device).items()]
    labels, peak, rates = [r.name for r in results], measured_peak(device), [r.flops_per_second for r in results]
    shares = [100 * rate / peak.flops for rate in rates]
    evidence.measured("fastest rate over slowest", max(rates) / min(rates), convention="forward, float32")
    for what, found in {**describe(device), **{result.name: result.words(peak) for result in results}}.items():
        evidence.measured(what, found)
    evidence.figure("bars", "Images per second, with the quartiles of the rounds", labels=labels, log=True,
                    values=[r.images_per_second for r in results], spread=[r.spread for r in results])
    evidence.figure("bars", "Share of the measured peak", labels=labels, unit="%", values=shares)

    assert max(rates) / min(rates) > 2
