"""Layers of a network: all of its work, each layer's own time, blocks where there are too many."""
import time

import pytest
import torch
from torch import nn

from lab.benchmarking import workloads
from lab.benchmarking.layer_times import MOST, layer_times, parts
from lab.benchmarking.rows import Row
from lab.benchmarking.workloads import NETWORKS, Network, multiply_adds, numbers_moved

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", NETWORKS)
def test_no_network_has_more_parts_than_a_figure_shows(name):
    found = parts(NETWORKS[name].weightless())

    assert 1 < len(found) <= MOST
    assert len({part for part, _ in found}) == len(found)


@pytest.mark.parametrize("name, side", [("AlexNet", 64), ("GoogLeNet", 64), ("ResNet-18", 64), ("MobileNetV2", 64)])
def test_the_layers_do_all_of_a_networks_products(name, side):
    layers = layer_times(Row(name, 2, side=side), CPU)

    assert sum(layer.multiply_adds for layer in layers) == 2 * multiply_adds(name, side)
    assert all(layer.seconds > 0 for layer in layers)


class Slow(nn.Module):
    def forward(self, images):
        end = time.process_time() + 0.004
        while time.process_time() < end:
            pass
        return images


def test_a_slow_layer_without_products_is_found_out(monkeypatch):
    net = lambda: nn.Sequential(nn.Conv2d(3, 5, 3), Slow(), nn.Conv2d(5, 7, 3))
    monkeypatch.setitem(workloads.NETWORKS, "slow", Network(net, 11))
    first, slow, last = layer_times(Row("slow", 2), CPU)

    assert (first.kind, slow.kind, last.kind) == ("Conv2d", "Slow", "Conv2d")
    assert slow.multiply_adds == 0
    assert slow.seconds > max(0.004, first.seconds, last.seconds)


def test_on_cuda_a_layer_is_timed_by_events_before_and_after_it(monkeypatch):
    """Events tell milliseconds; here one passes at each event that is recorded."""
    class Event:
        now = 0.0

        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            Event.now += 1
            self.at = Event.now

        def elapsed_time(self, end):
            return end.at - self.at

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    monkeypatch.setattr("lab.benchmarking.layer_times.wait", lambda device: None)
    monkeypatch.setattr("lab.benchmarking.layer_times.on_device", lambda name, batch, device, side, mode:
                        workloads.on_device(name, batch, CPU, side, mode))
    layers = layer_times(Row("AlexNet", 1, side=64), torch.device("cuda"))

    assert {layer.seconds for layer in layers} == {0.001}


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.once, self.again = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, images):
        return self.again(self.once(self.again(images)))


def test_a_layer_that_is_called_twice_does_its_work_twice(monkeypatch):
    monkeypatch.setitem(workloads.NETWORKS, "twice", Network(Twice, 11))
    once, again = layer_times(Row("twice", 2), CPU)

    assert again.multiply_adds == 2 * once.multiply_adds > 0


def test_a_block_of_one_part_keeps_its_own_name():
    kinds = {type(part).__name__ for _, part in parts(NETWORKS["MobileNetV2"].weightless())}

    assert "InvertedResidual" in kinds


def test_numbers_moved_are_maps_for_each_image_and_weights_once(monkeypatch):
    net = lambda: nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 7, 3, bias=False))
    monkeypatch.setitem(workloads.NETWORKS, "two convolutions", Network(net, 11))
    maps, weights = numbers_moved("two convolutions")

    assert maps == (3 * 11**2 + 5 * 9**2) + (5 * 9**2 + 5 * 9**2) + (5 * 9**2 + 7 * 7**2)
    assert weights == 3 * 5 * 9 + 5 + 5 * 7 * 9
