"""Runs of the benchmarks as a whole: what is not run, what is saved and compared."""
import re
from pathlib import Path

import pytest
import torch

from lab import device

ROOT = Path(__file__).resolve().parents[3]


def test_without_cuda_every_gpu_test_is_not_run_and_says_why(runs, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA: there is nothing to be absent")
    status, _ = runs.run(tmp_path, "-m", "gpu", "-rs", "-p", "no:cacheprovider", f"--report-dir={tmp_path}",
                         "tests/benchmarks", project=ROOT)
    told = (tmp_path / "terminal.txt").read_text(encoding="utf-8")
    [counts] = re.findall(r"^=* ?(.*) in [\d.]+s\b", told, flags=re.MULTILINE)

    assert status == 0, told
    assert "needs a CUDA device" in told
    assert "skipped" in counts
    assert not any(word in counts for word in ("passed", "failed", "xfailed", "error"))


@pytest.mark.parametrize("cuda, options, passed, skipped", [
    pytest.param(False, ["-m", "gpu"], 0, 2, id="gpu without CUDA"),
    pytest.param(False, ["-m", "benchmark"], 1, 0, id="benchmark without CUDA"),
    pytest.param(True, ["-m", "gpu"], 2, 0, id="gpu"),
    pytest.param(True, ["-m", "benchmark"], 1, 0, id="benchmark"),
    pytest.param(True, ["-m", "gpu", "--device=cpu"], 0, 2, id="gpu, but the CPU is asked for"),
    pytest.param(True, ["-m", "benchmark", "--device=cpu"], 1, 0, id="benchmark, on the CPU as asked for"),
    pytest.param(True, ["-m", "not benchmark"], 0, 1, id="not benchmark asks for no measurement"),
    pytest.param(True, [], 0, 2, id="nothing asked for"),
])
def test_the_device_chosen_decides_what_is_run(cuda, options, passed, skipped, lecture, monkeypatch):
    """Two measurements, one of them small enough for any device."""
    project = with_benchmarks(lecture, "import pytest\n\n@pytest.mark.benchmark\ndef test_small():\n    pass\n\n"
                                       "@pytest.mark.gpu\ndef test_full():\n    pass\n")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    result = project.runpytest("-o", "markers=gpu\nclaim", "-rs", *options)
    reasons = "needs a CUDA device", "a measurement of cost: run"

    result.assert_outcomes(passed=passed, skipped=skipped, deselected=2 - passed - skipped)
    assert any(reason in result.stdout.str() for reason in reasons) == bool(skipped)


def test_a_device_that_is_absent_is_refused_before_any_test(lecture, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = lecture().runpytest("--device=cuda")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --device cuda: PyTorch finds none on this machine; leave the option out*"])


def with_benchmarks(lecture, tests):
    """A project with these tests and the benchmarks' own conftest."""
    project = lecture(claims=tests)
    conftest = (ROOT / "tests/benchmarks/conftest.py").read_text(encoding="utf-8")
    (project.path / "tests/conftest.py").write_text(conftest, encoding="utf-8")
    return project


BENCHMARK = """
import pytest

@pytest.mark.benchmark
def test_sum(benchmark):
    assert benchmark.pedantic(sum, args=([2, 3],), rounds=3) == 5
"""


@pytest.mark.parametrize("second_machine, warns", [("one GPU", False), ("another GPU", True)])
def test_runs_are_saved_and_compared_and_another_machine_is_told(lecture, monkeypatch, recwarn, second_machine, warns):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)    # pytest-benchmark keeps silent in a worker process
    project = with_benchmarks(lecture, BENCHMARK)
    monkeypatch.setattr(device, "describe", lambda device: {"device": "one GPU", "clocks": "1000 MHz"})
    project.runpytest("-m", "benchmark", "--benchmark-autosave").assert_outcomes(passed=1)
    monkeypatch.setattr(device, "describe", lambda device: {"device": second_machine, "clocks": "2000 MHz"})
    result = project.runpytest("-m", "benchmark", "--benchmark-compare")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_sum (NOW)*"])
    assert any("machine_info is different" in str(warning.message) for warning in recwarn) == warns
    assert len(list(project.path.glob(".benchmarks/*/0001_*.json"))) == 1


COURSE_RESULT = """
import pytest
from lab.experiments.course_results import course_arm, figure

@pytest.mark.gpu
def test_vgg(course_laboratory):
    course_laboratory.compare({course_arm("VGG"): +1, figure(84.92): -1}, "test accuracy", 4, "equivalence")
"""


def test_a_gpu_trains_ten_epochs_only_at_the_course_scale(lecture, monkeypatch):
    project = with_benchmarks(lecture, COURSE_RESULT)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    result = project.runpytest("-o", "markers=gpu\nclaim", "-m", "gpu", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs --scale course: each seed trains for ten epochs, a minute or more on a GPU*"])
