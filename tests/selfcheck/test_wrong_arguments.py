"""Instruments that are given an argument of the wrong kind say what they expect, in a sentence with the remedy."""

import pytest
import torch
from torch import nn

from lab.counting import count_multiply_adds, count_parameters, count_weight_layers
from lab.counting.receptive import probed_receptive_field, receptive_field
from lab.data.datasets import DataError, load
from lab.errors import WrongArgument
from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from lab.statistics.decisions import equivalence_verdict, paired_verdict, sign_verdict

NET = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.LazyLinear(10))


def trial(seeds, *, data_dir, bonus=0):
    return [{"accuracy": float(bonus + seed % 3), "losses": [1.0, 0.5]} for seed in seeds]


GOOD, POOR = Arm("good", trial, bonus=1), Arm("poor", trial)


def compare(*arguments, **options):
    return Laboratory(".", runner=Runner(1)).compare(*arguments, **options)


@pytest.mark.parametrize("call, sentence", [
    pytest.param(lambda: receptive_field(NET), "got the layer Conv2d.*: write", id="network for layers"),
    pytest.param(lambda: receptive_field(NET[0]), r"got Conv2d.*or ask probed_receptive_field", id="layer for layers"),
    pytest.param(lambda: receptive_field(3), "got 3: write receptive_field", id="one kernel size"),
    pytest.param(lambda: receptive_field([((3, 3), 2)]), r"got the layer \(\(3, 3\), 2\)", id="kernel with two sides"),
    pytest.param(lambda: receptive_field([(3, 1, 1, 1)]), r"got the layer \(3, 1, 1, 1\)", id="padding too"),
    pytest.param(lambda: receptive_field(["3x3"]), "got the layer '3x3'", id="kernel as text"),
    pytest.param(lambda: receptive_field([3, 0]), "got the layer 0", id="kernel of no size"),
    pytest.param(lambda: probed_receptive_field([3], 9, 1), "a network, got list: give", id="layers for a network"),
    pytest.param(lambda: probed_receptive_field(nn.Flatten(), 9, 1), r"the shape \(1, 81\): leave", id="no map"),
    pytest.param(lambda: count_parameters(nn.Linear), r"the class Linear: write Linear\(", id="class for a network"),
    pytest.param(lambda: count_parameters(torch.zeros(3)), "got Tensor: give an nn.Module", id="tensor for a network"),
    pytest.param(lambda: count_weight_layers(nn.Linear), "count_weight_layers takes a network", id="class, depth"),
    pytest.param(lambda: count_multiply_adds(nn.Linear), "count_multiply_adds takes a network", id="class, products"),
    pytest.param(lambda: count_multiply_adds(NET), r"inputs as tensors, got \(\): write", id="no input"),
    pytest.param(lambda: count_multiply_adds(NET, (1, 1, 9, 9)), r"got \(\(1, 1, 9, 9\),\)", id="shape for input"),
    pytest.param(lambda: paired_verdict([1.0, 2.0], [0.5, 1.0]), r"margin and alpha .* got \[0.5", id="two lists"),
    pytest.param(lambda: sign_verdict([[1.0], [2.0]], 0), "differences are a list of numbers", id="values of two arms"),
    pytest.param(lambda: equivalence_verdict({"a": 1.0}, 0), "got {'a': 1.0}: subtract", id="values by name"),
    pytest.param(lambda: Arm(trial, "good"), "an arm has a name and a trial function", id="name and trial swapped"),
    pytest.param(lambda: Arm("good", "trial"), "got 'good' and 'trial': write", id="trial by name"),
    pytest.param(lambda: Arm("good", trial, sizes={"a": 1}), "arm 'good' holds what can be", id="recipe with a table"),
    pytest.param(lambda: compare([GOOD, POOR], "accuracy", 0), r"got \[Arm.*write {GOOD", id="arms without weights"),
    pytest.param(lambda: compare({"good": 1, "poor": -1}, "accuracy", 0), "takes arms with their", id="arms by name"),
    pytest.param(lambda: compare({GOOD: 1, POOR: -1}, "acuracy", 0), "no number 'acuracy': choose one of accuracy",
                 id="unknown metric"),
    pytest.param(lambda: compare({GOOD: 1, POOR: -1}, "losses", 0), "no number 'losses': choose", id="metric of many"),
    pytest.param(lambda: compare({GOOD: 1, POOR: -1}, "accuracy", "5"), "got '5' and 'gain'", id="margin as text"),
    pytest.param(lambda: compare({GOOD: 1, POOR: -1}, "accuracy", 5, "t"), "one of gain.* 't'", id="unknown rule"),
])
def test_a_wrong_argument_says_what_is_expected(call, sentence):
    with pytest.raises(WrongArgument, match=sentence) as refused:
        call()

    assert "\n" not in str(refused.value)


def test_no_folder_is_no_data_folder():
    with pytest.raises(DataError, match="--data-dir 'None' is no folder .*: name the one that holds"):
        load("mnist", None)
