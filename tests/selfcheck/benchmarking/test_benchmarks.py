"""The benchmarks' own code on the CPU, at tiny sizes: on a GPU only the device differs."""
import inspect
import itertools

import pytest
import torch

from benchmarks import test_cost as cost
from benchmarks import test_cost_of_size as cost_of_size
from benchmarks import test_throughput as rates
from lab.benchmarking.machine import Machine
from lab.claims.evidence import Evidence
from lab.device import Sized, steady

CPU = torch.device("cpu")
COMPARISONS = [
    cost.test_fewer_flops_do_not_save_time_in_proportion,
    cost.test_grouped_convolutions_reach_a_smaller_share_of_the_peak,
    cost.test_two_wide_3x3_are_faster_than_one_5x5,
    cost.test_two_thin_3x3_do_not_save_their_share,
    cost_of_size.test_a_reduction_saves_time,
    cost_of_size.test_a_reduction_saves_less_time_than_weights,
    cost_of_size.test_half_precision_trains_faster,
    cost_of_size.test_channels_last_alone_gains_little_in_float32,
    cost_of_size.test_an_image_is_cheaper_in_a_batch,
    cost_of_size.test_cost_is_linear_in_the_area_of_large_images,
    cost_of_size.test_a_pixel_of_a_small_image_costs_more,
]


class TwoRounds(Machine):
    """Ends each comparison after two."""

    def compare(self, first, second, margin, rule="gain"):
        return super().compare(first, second, margin, rule, cap=2)


def cases(function):
    """Arguments of each case and counterexample of a test, sizes that it takes by default included."""
    signature = inspect.signature(function).parameters
    defaults = {name: p.default for name, p in signature.items() if p.default is not p.empty}
    parametrized = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    for row in itertools.product(*(mark.args[1] for mark in parametrized)):
        row = [one if hasattr(one, "marks") else pytest.param(one, id=str(one)) for one in row]
        arguments = dict(defaults)
        for mark, one in zip(parametrized, row):
            arguments.update(zip(mark.args[0].split(", "), one.values))
        yield pytest.param(function, arguments, id=f"{function.__name__}-{'-'.join(one.id for one in row)}")


def tiny(arguments):
    """The same with one image (two where BatchNorm trains) of 32 px; a network's own fixed side stays."""
    def shrunk(name, value):
        if name in ("batch", "batches") and isinstance(value, Sized):
            return Sized((1, 1), None) if isinstance(value.cpu, tuple) else Sized(1, None)
        if name == "side" and isinstance(value, Sized):
            return Sized(32, None)
        return {"batch": 2, "side": 32}[name] if (name, value) in {("batch", 64), ("side", 224)} else value

    return {name: shrunk(name, value) for name, value in arguments.items()}


@pytest.fixture(autouse=True)
def one_thread():
    with steady(CPU):
        yield


@pytest.mark.parametrize("function, arguments", [
    case for function in COMPARISONS for case in cases(function) if case.values[1].get("name") != "VGG-16"])
def test_every_comparison_runs_on_the_cpu(function, arguments, small_peak):
    """Two rounds decide nothing, so each ends undecided at its assert, with its evidence recorded."""
    properties = []
    with pytest.raises(AssertionError):
        function(**tiny(arguments), machine=TwoRounds(CPU), evidence=Evidence(properties))

    assert [value["verdict"] for name, value in properties if name == "experiment"] == ["undecided"]


def test_the_table_of_rates_names_device_driver_and_clocks(small_peak):
    properties = []
    test, lenet = rates.test_networks_differ_in_the_rate_that_they_reach, Sized({"LeNet": 32}, None)
    with pytest.raises(AssertionError):     # one network doesn't differ from itself
        test(lenet, Sized(2, None), Machine(CPU), Evidence(properties))
    rows = {value["what"]: value["value"] for name, value in properties if name == "measured"}

    assert {"device", "driver", "clocks"} <= set(rows)
    assert "images/s" in rows["LeNet"]
    assert "% of peak" in rows["LeNet"]
