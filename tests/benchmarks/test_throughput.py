"""The table of costs: images per second, latency, memory and shares of the peak, by network, mode, batch and pass.

On the CPU: seconds of this process on one thread. The small set (`benchmark`) runs on any device, the full one (`gpu`)
needs CUDA; of it, --budget chooses rows in the order in which they stand below. pytest-benchmark keeps each row's
rounds; `--benchmark-autosave` and `--benchmark-compare` compare runs.
"""
import pytest

from lab.benchmarking.layer_times import layer_times
from lab.benchmarking.roofline import measured_peak
from lab.benchmarking.rows import Row
from lab.benchmarking.throughput import throughput
from lab.benchmarking.workloads import NETWORKS
from lab.claims import claim, counterexample
from lab.device import MODES, Sized

SMALL = {"LeNet": 32, "VGG of the course": 32, "Inception of the course": 32,
         "ResNet-18": 64, "MobileNetV2": 64, "GoogLeNet": 64}
SIDES = {name: None if side == NETWORKS[name].side else side for name, side in SMALL.items()}
COMPILED = ("ResNet-50", "VGG-16", "ViT-B/16")     # compiling takes a minute each
LAYERED = [(name, "float32", False) for name in ("AlexNet", "GoogLeNet", "ResNet-18", "MobileNetV2")]
LARGEST = {"U-Net": 8}      # its first maps have 64 x 570 x 570 numbers an image: 8 train in 16 GB
BATCHES = (8, 512)
WINOGRAD = 4    # F(4x4, 3x3) does so many times fewer products than are counted: Lavin and Gray 2016, arXiv:1509.09308
BOTH = (False, True)


def in_modes(*modes, networks=NETWORKS):
    """Forward and training, at a batch of 64, or the largest."""
    return [Row(name, min(64, LARGEST.get(name, 64)), mode, training, layers=(name, mode, training) in LAYERED)
            for mode in modes for name in networks for training in BOTH]


WANTED = [      # the most wanted first
    *in_modes("float32"),
    *in_modes("fp16 autocast", "bf16 autocast, channels_last"),     # what people train with
    *[Row(name, 1, mode) for mode in ("float32", "CUDA graph") for name in NETWORKS],
    Row("ResNet-50", 64, "fp16 autocast", sustained=True),
    *in_modes("library default"),
    *in_modes("bf16, channels_last, compiled", networks=COMPILED),
    *in_modes("bf16 autocast"),
    *[Row(name, batch, "float32", training) for batch in BATCHES for name in NETWORKS for training in BOTH
      if name not in LARGEST],
    *in_modes("TF32", "channels_last"),
    *in_modes("torch.compile", networks=COMPILED),
    Row("ResNet-50", 64, sustained=True),
]
ON_ANY_DEVICE = [
    *[Row(name, 8, side=side, layers=name in ("ResNet-18", "MobileNetV2")) for name, side in SIDES.items()],
    *[Row(name, 8, training=True, side=SIDES[name]) for name in ("LeNet", "ResNet-18", "MobileNetV2")],
    *[Row("ResNet-18", 8, mode, side=64) for mode in
      ("library default", "channels_last", "bf16 autocast", "bf16 autocast, channels_last")],
    *[Row(name, 1, side=SIDES[name]) for name in ("LeNet", "ResNet-18", "MobileNetV2")],
]
CASES = [pytest.param(row, marks=pytest.mark.benchmark if row in ON_ANY_DEVICE else pytest.mark.gpu, id=row.title)
         for row in dict.fromkeys([*WANTED, *ON_ANY_DEVICE])]


@pytest.mark.parametrize("row", CASES)
def test_throughput(row, device, costs):
    """A clock that waits for the device finds no network far above the measured peak, and a warm device no drift."""
    result, peak = throughput(row, device), measured_peak(device, MODES[row.mode])
    layers = [layer.as_row() for layer in layer_times(row, device)] if row.layers else []
    costs({**result.as_row(device, peak), "layers": layers}, result.timing.seconds)

    assert 0 < result.flops_per_second / peak.flops < WINOGRAD
    assert result.timing.drift < 2


@claim("fewer-flops-less-time")
@pytest.mark.benchmark
@pytest.mark.parametrize("networks, batch", [
    pytest.param(Sized(SMALL, dict.fromkeys(NETWORKS)), Sized(8, 64), id="all networks"),
    pytest.param(Sized({"ResNet-50": 64, "ResNet-152": 64}, {"ResNet-50": 224, "ResNet-152": 224}), Sized(2, 64),
                 id="two of a kind", marks=counterexample("networks of the same layers reach about the same rate")),
])
def test_networks_differ_in_the_rate_that_they_reach(networks, batch, machine, evidence):
    """The rate of multiply-adds differs between networks on one device by more than 2: FLOPs don't tell the time."""
    rows = [Row(name, batch.on(machine), side=side) for name, side in networks.on(machine).items()]
    found, told = machine.networks(rows)
    labels, shown, rates = list(found), found.values(), [row.rate for row in found.values()]
    evidence.measured("fastest rate over slowest", max(rates) / min(rates), convention="forward, float32")
    for what, words in {**told, **{name: row.words for name, row in found.items()}}.items():
        evidence.measured(what, words)
    evidence.figure("bars", "Images per second, with the quartiles of the rounds", labels=labels, log=True,
                    values=[row.images_per_second for row in shown], spread=[row.spread for row in shown])
    evidence.figure("bars", "Share of the measured peak", labels=labels, unit="%", values=[row.share for row in shown])

    assert max(rates) / min(rates) > 2
