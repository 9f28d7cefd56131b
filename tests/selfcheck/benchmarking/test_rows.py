"""A row of the table of costs as a test tells it: what the schema asks for, from the times that were measured."""
import jsonschema
import pytest
import torch

from benchmarks import test_throughput as rates
from lab.benchmarking import throughput as measuring
from lab.benchmarking.published import published
from lab.benchmarking.roofline import Peak
from lab.benchmarking.rows import Row
from lab.benchmarking.throughput import Throughput, throughput
from lab.benchmarking.timing import Timing
from lab.device import MODES
from lab.device.monitor import Samples
from selfcheck.report_samples import SCHEMA

CPU, PEAK = torch.device("cpu"), Peak(4e12, 2e11)


@pytest.mark.parametrize("row", [
    Row("LeNet", 1), Row("LeNet", 2, training=True), Row("ResNet-18", 1, side=32, layers=True)])
def test_a_row_is_as_the_schema_says(row, monkeypatch):
    kept = []
    monkeypatch.setattr(rates, "measured_peak", lambda *device_and_mode: Peak(1e12, 1e11))
    rates.test_throughput(row, CPU, lambda told, rounds: kept.append({"nodeid": "a test", **told}))
    [told] = kept
    jsonschema.validate(told, {"$ref": "#/$defs/cost", "$defs": SCHEMA["$defs"]})

    assert (told["network"], told["batch"], told["mode"]) == (row.network, row.batch, "float32")
    assert (told["p50"] is None) == (row.batch > 1)
    assert bool(told["layers"]) == row.layers


def made_up(row, seconds, samples=None):
    return Throughput(row, row.batch, Timing(seconds, samples=samples or Samples()), 2**20, 10**9, step=None)


def test_images_per_joule_are_images_per_second_over_watts():
    samples = Samples(joules=600.0, seconds=2.0)

    assert made_up(Row("LeNet", 30), [0.1, 0.1], samples).as_row(CPU, PEAK)["images_per_joule"] == pytest.approx(1.0)
    assert made_up(Row("LeNet", 30), [0.1, 0.1]).as_row(CPU, PEAK)["images_per_joule"] is None


def test_slow_rounds_count_in_a_sustained_minute_and_not_among_a_few():
    few, minute = (made_up(Row("LeNet", 6, sustained=of), [0.1, 0.1, 0.4]) for of in (False, True))

    assert few.images_per_second == pytest.approx(60)
    assert minute.images_per_second == pytest.approx(30)


def test_a_minute_lasts_its_seconds(monkeypatch):
    monkeypatch.setattr(measuring, "SUSTAINED", 0.05)
    result = throughput(Row("LeNet", 1, sustained=True), CPU)

    assert sum(result.timing.seconds) * max(1, 0.002 // result.timing.median) > 0.04
    assert len(result.timing.seconds) > 5


@pytest.mark.parametrize("mode, training, batch, cards", [
    ("fp16 autocast", False, 64, {"GeForce RTX 4090", "T4", "V100 16GB"}),
    ("fp16 autocast", True, 64, {"GeForce RTX 3090", "V100 16GB", "A100 80GB"}),
    ("float32", False, 1, {"T4", "V100 16GB"}), ("TF32", True, 64, {"A100 80GB"}), ("CUDA graph", False, 1, set())])
def test_others_figures_stand_beside_the_same_mode_pass_and_kind_of_batch(mode, training, batch, cards):
    told = published(Row("ResNet-50", batch, mode, training))

    assert {one["card"] for one in told} == cards
    assert all((one["batch"] == 1) == (batch == 1) for one in told)
    assert published(Row("LeNet", batch, mode, training)) == published(Row("ResNet-50", batch, mode, side=64)) == []


def test_every_row_is_asked_for_once_and_every_mode_that_a_gpu_has_is_among_them():
    assert len({case.id for case in rates.CASES}) == len(rates.CASES)
    assert {row.mode for row in rates.WANTED} == set(MODES)
