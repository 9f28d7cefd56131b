"""--dry-run: two steps of every course result go the whole way on this machine, and decide nothing."""
import json

import pytest
import torch

from lab.errors import LabError
from lab.experiments.course_results import DryRun, OnlyDryRun, course_arm, figure, two_steps

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory, pytestconfig, runs):
    """The exit status of a run of the course results without any data, and what it found."""
    folder = tmp_path_factory.mktemp("dry")
    files = ["benchmarks/test_course_results.py", "exercises/test_7_lenet_training.py",
             "exercises/test_9_attention_training.py"]
    status, _ = runs.run(folder, "-p", "no:cacheprovider", "--dry-run", "--device=cpu", "-m", "gpu or trained",
                         f"--report-dir={folder}", *(f"tests/{name}" for name in files), project=pytestconfig.rootpath)
    return status, json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["tests"]


def test_every_course_result_makes_two_steps_and_decides_nothing(dry_run):
    """A claim for the GPU too; with no data and no GPU the run ends green."""
    status, tests = dry_run
    nets = ["LeNet", "VGG", "Inception", "ResNet-18", "ResNet-18, SE", "ResNet-18, CBAM", "ResNet-18, ECA",
            "ResNet-8, ECA"]

    assert status == 0 and {test["outcome"] for test in tests} == {"NOT RUN"}
    assert {test["reason"].partition(":")[0] for test in tests} == {"dry run"}
    assert [net for net in nets if not any(f" of {net} " in test["reason"] for test in tests)] == []


def test_a_dry_run_leaves_other_claims_as_they_are(lecture):
    at_quick_scale = lecture.claims.replace("(b, evidence)", "(b, scale, evidence)").replace(
        "assert 2 + b == 4", 'assert 2 + b == 4 and scale == "quick"')

    lecture(at_quick_scale).runpytest("--dry-run").assert_outcomes(passed=1, xfailed=1)


def test_a_dry_run_keeps_no_trial_and_no_verdict():
    with pytest.raises(OnlyDryRun, match="two steps of LeNet work on cpu"):
        DryRun(CPU).compare({course_arm("LeNet"): 1, figure(64): -1}, "test accuracy", 4)
    with pytest.raises(OnlyDryRun, match="two steps of LeNet work on cpu"):
        DryRun(CPU).trials(course_arm("LeNet"), [0, 1])


def test_two_steps_without_a_finite_loss_are_an_error(monkeypatch):
    monkeypatch.setattr("lab.training.course_training.cross_entropy", lambda logits, labels: logits.sum() * torch.nan)

    with pytest.raises(LabError, match="two steps of LeNet on cpu end without a finite loss"):
        two_steps(course_arm("LeNet"), CPU)
