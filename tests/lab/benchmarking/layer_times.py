"""How long each layer of a network takes, beside its FLOPs: clocks read before and after it in whole forward passes."""

import statistics
import time
from collections import Counter
from dataclasses import dataclass

import torch

from lab.benchmarking.workloads import NETWORKS, on_device
from lab.counting.meta_device import run_on_meta
from lab.counting.multiply_adds import count_multiply_adds
from lab.device import MODES, precision, steady, wait

UNTIMED, PASSES = 3, 10  # the first ones allocate and choose algorithms
MOST = 40  # layers, or blocks of them: as many as a figure can show


@dataclass(frozen=True)
class LayerTime:
    """Of a batch: multiply-adds by its inputs' shapes, and the median of the passes."""

    name: str  # as in the network, such as "features.3"
    kind: str  # its class
    multiply_adds: int
    seconds: float

    def as_row(self):
        """Plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "flops": 2 * self.multiply_adds,
            "milliseconds": 1e3 * self.seconds,
        }


def parts(model, most=MOST):
    """[(name, module)] of a network's layers; blocks of layers stay whole where there would be more than `most`.

    A block of one part, such as MobileNetV2's, stays whole too: its own name says more.
    """
    found = list(model.named_children())
    while True:
        inner = [part for name, module in found for part in _inside(name, module)]
        if len(inner) == len(found) or len(inner) > most:
            return found
        found = inner


def _inside(name, module):
    inner = [(f"{name}.{child}", part) for child, part in module.named_children()]
    return inner if len(inner) > 1 else [(name, module)]


def layer_times(row, device):
    """[LayerTime] of a Row's network in its forward pass, in the network's order, without layers that it never calls.

    What a network does between its layers, such as sums of branches, isn't counted. On CUDA the clocks are events on
    the device's stream.
    """
    mode, counts = MODES[row.mode], _multiply_adds(row)
    with precision(mode, device), steady(device), torch.no_grad():
        model, images = on_device(row.network, row.batch, device, row.side, mode)
        layers, marks = parts(model.eval()), []
        for name, layer in layers:
            layer.register_forward_pre_hook(lambda layer, inputs, name=name: marks.append((name, _mark(device))))
            layer.register_forward_hook(lambda layer, inputs, output, name=name: marks.append((name, _mark(device))))
        passes = []
        for _ in range(UNTIMED + PASSES):
            marks.clear()
            with mode.autocast(device):
                model(images)
            wait(device)
            passes.append(_spent(marks))
    times = {name: statistics.median(spent[name] for spent in passes[UNTIMED:]) for name in counts}
    return [
        LayerTime(name, type(layer).__name__, counts[name], times[name]) for name, layer in layers if name in counts
    ]


def _multiply_adds(row):
    """{layer: multiply-adds of a batch} of those that a forward pass calls, by the shapes of their inputs."""
    network = NETWORKS[row.network]
    model, calls = network.weightless(), []
    hooks = [
        layer.register_forward_pre_hook(lambda layer, inputs, name=name: calls.append((name, layer, inputs)))
        for name, layer in parts(model)
    ]
    run_on_meta(model, network.image(row.batch, row.side, device="meta"))
    for hook in hooks:
        hook.remove()
    counts = Counter()
    for name, layer, inputs in calls:
        counts[name] += count_multiply_adds(layer, *inputs)
    return counts


def _mark(device):
    """A moment on the device's clock."""
    if device.type == "cuda":
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event
    wait(device)
    return time.process_time() if device.type == "cpu" else time.perf_counter()


def _spent(marks):
    """{layer: seconds} of one pass; marks come in pairs: before a call of a layer, and after it."""
    spent = Counter()
    for (name, start), (_, end) in zip(marks[::2], marks[1::2]):
        spent[name] += end - start if isinstance(start, float) else start.elapsed_time(end) / 1000
    return spent
