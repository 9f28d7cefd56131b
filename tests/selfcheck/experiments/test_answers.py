"""What a test asked of a machine answers it later, elsewhere, as long as it asks the same."""
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from lab.benchmarking.cost_comparison import Work
from lab.benchmarking.machine import Machine
from lab.benchmarking.roofline import KINDS, Peak
from lab.benchmarking.rows import Row
from lab.experiments.answers import Asker, KeptAnswers, RecordedAnswers
from lab.experiments.recorded import NotRecorded
from lab.experiments.recorder import Recorder
from lab.experiments.records import Records

CPU = torch.device("cpu")
ASKER = Asker("test_cost.py::test_a", "abc", Machine)


def never():
    raise AssertionError("measured where a record answers")


@pytest.fixture
def kept(tmp_path):
    """A folder of records, and what keeps a test's answers there."""
    return tmp_path, KeptAnswers(ASKER, Recorder(tmp_path, "a machine"), CPU)


def test_an_answer_is_kept_and_given_again(kept):
    folder, keep = kept
    given = keep("how long?", lambda: {"seconds": [0.25, 0.5]})
    recorded = RecordedAnswers(ASKER, Records(folder), "nobody measures here")

    assert recorded("how long?", never) == given == {"seconds": [0.25, 0.5]}
    assert recorded.device == "cpu" and recorded.origin.startswith("recorded trials: 1; ")
    with pytest.raises(NotRecorded, match="nobody measures here"):
        recorded("how much?", never)


@pytest.mark.parametrize("other", [replace(ASKER, test="test_cost.py::test_b"), replace(ASKER, code="abd")],
                         ids=["another test", "the test as changed since"])
def test_answers_to_others_are_none(kept, other):
    folder, keep = kept
    keep("how long?", lambda: {"seconds": [0.25]})

    with pytest.raises(NotRecorded):
        _ = RecordedAnswers(other, Records(folder)).device


def test_a_gpus_answer_goes_before_a_processors(kept, monkeypatch):
    folder, keep = kept
    keep("how long?", lambda: {"seconds": [0.25]})
    monkeypatch.setattr("lab.experiments.answers.environment", lambda *_: {"device": "NVIDIA T4", "code": "7"})
    keep("how long?", lambda: {"seconds": [0.125]})
    recorded = RecordedAnswers(ASKER, Records(folder))

    assert recorded.device == "cuda" and recorded("how long?", never) == {"seconds": [0.125]}


def numbers_added(amount):
    return Work(f"{amount} numbers", lambda batch, device: lambda: torch.rand(amount, batch).sum(), amount, "number", 7)


def test_a_comparison_of_costs_is_decided_from_its_record_as_it_was(kept):
    folder, keep = kept
    question = dict(first=numbers_added(3), second=numbers_added(30_011), margin=1.5)
    measured = Machine(CPU, keep).compare(**question)
    found = Machine(CPU, RecordedAnswers(ASKER, Records(folder))).compare(**question)

    assert measured.verdict == "confirmed"
    assert found.as_evidence() == measured.as_evidence()


@pytest.mark.parametrize("ask", [
    lambda machine: machine.peak(),
    lambda machine: machine.rates({"attention": KINDS["attention"]}, batch=1),
    lambda machine: machine.kernels(numbers_added(5)),
    lambda machine: machine.networks([Row("LeNet", 3, side=32)]),
], ids=["peak", "rates", "kernels", "networks"])
def test_what_else_is_asked_of_a_machine_comes_from_the_record(ask, kept, monkeypatch):
    folder, keep = kept
    monkeypatch.setattr("lab.benchmarking.machine.measured_peak", lambda *_: Peak(flops=3.0, bandwidth=5.0))
    measured = ask(Machine(CPU, keep))
    recorded = ask(Machine(CPU, RecordedAnswers(ASKER, Records(folder))))

    assert json.dumps(recorded, default=vars) == json.dumps(measured, default=vars)


def source(body, words="It says so.", size=3):
    return f'@pytest.mark.parametrize("size", [{size}])\ndef test_it(size):\n    """{words}"""\n    {body}\n'


@pytest.mark.parametrize("changed, same", [
    (source("assert size", words="It says so in other words."), True),
    (source("assert size + 1"), False),
    (source("assert size", size=5), False),
], ids=["its docstring", "its body", "its cases"])
def test_a_tests_code_is_what_it_does(changed, same, monkeypatch):
    def asker(text):
        monkeypatch.setattr("inspect.getsource", lambda function: text)
        return Asker.of(SimpleNamespace(nodeid="test_it", function=None), Machine)

    assert (asker(source("assert size")) == asker(changed)) is same
