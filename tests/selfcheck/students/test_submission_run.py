"""pytest --submission=DIR: what the console says, what results.json holds, which tasks run."""

import json

import pytest
from jsonschema import validate

from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import TASKS, solved

GRADESCOPE = {  # gradescope-autograders.readthedocs.io/en/latest/specs
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"}, "execution_time": {"type": "number"}, "output": {"type": "string"},
        "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
        "visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "stdout_visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "extra_data": {"type": "object"}, "leaderboard": {"type": "array"},
        "tests": {"type": "array", "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "score": {"type": "number"}, "max_score": {"type": "number"}, "status": {"enum": ["passed", "failed"]},
                "name": {"type": "string"}, "number": {"type": "string"}, "output": {"type": "string"},
                "name_format": {"type": "string"}, "output_format": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}}, "extra_data": {"type": "object"},
                "visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
            },
        }},
    },
}
MISTAKEN = (ROOT / "tests/students/wrong/residual_block/relu_before_the_addition.py").read_text(encoding="utf-8")
LEFT_OUT = "def bottleneck(in_channels, width, stride=1):\n    raise NotImplementedError\n"
PARTLY = "def batches_in_epoch(samples, batch_size, drop_last=False):\n    return -(-samples // batch_size)\n"
HINT = "The second ReLU comes before the addition"


@pytest.fixture(scope="module")
def run(runs, tmp_path_factory):
    """(console, results.json) of a submission with a wrong task, one that is right in part, and one left out."""
    folder = tmp_path_factory.mktemp("run")
    work = solved(folder, MISTAKEN, LEFT_OUT, PARTLY)
    runs.run(folder, f"--submission={work}", f"--report-dir={folder}", project=ROOT)
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return (folder / "terminal.txt").read_text(encoding="utf-8"), results


def test_the_console_says_task_by_task_what_came_of_it(run):
    lines = [line.split() for line in run[0].splitlines()]

    assert ["L7.10", "two_3x3", "2", "/", "2", "full"] in lines
    assert ["E6.1", "residual_block", "0", "/", "4", "wrong"] in lines
    assert ["E4.1", "batches_in_epoch", "1.5", "/", "2", "partial"] in lines
    assert ["E8.2", "bottleneck", "0", "/", "4", "not", "handed", "in"] in lines
    assert run[0].count(HINT) == 1 and "2 failed, 14 passed, 1 skipped" in run[0]


def test_results_are_gradescopes_one_entry_a_task(run):
    validate(run[1], GRADESCOPE)
    scores = {entry["name"]: entry["score"] for entry in run[1]["tests"]}

    assert list(scores) == [f"{task.id} {adapter}" for adapter, task in TASKS.items()]
    assert sum(scores.values()) == sum(task.points for task in TASKS.values()) - 4 - 0.5 - 4
    assert HINT in next(entry["output"] for entry in run[1]["tests"] if "residual_block" in entry["name"])


def test_one_task_can_be_chosen_in_chinese(runs, tmp_path):
    status, _ = runs.run(tmp_path, f"--submission={solved(tmp_path, MISTAKEN)}", f"--report-dir={tmp_path}",
                         "-m", "task_E6_1", "--language=zh", project=ROOT)
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))

    assert status == 1 and [entry["name"] for entry in results["tests"]] == ["E6.1 residual_block"]
    assert "第二个 ReLU 放在了相加之前" in (tmp_path / "terminal.txt").read_text(encoding="utf-8")


def test_without_submission_the_tasks_are_no_tests(runs, tmp_path):
    runs.run(tmp_path, "--collect-only", "-q", project=ROOT)
    collected = (tmp_path / "terminal.txt").read_text(encoding="utf-8")

    assert "tests/lecture/" in collected and "tests/students" not in collected
