"""Runs of the benchmarks as a whole: what is not run, what is saved and compared."""
import os
import re
from pathlib import Path

import pytest
import torch

from lab import device
from lab.device.cuda import lacking, refusal

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


@pytest.fixture
def cuda(monkeypatch):
    """`cuda(there)`: a GPU that runs kernels, as far as PyTorch tells; or none."""
    def machine(there):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
        monkeypatch.setattr(torch.cuda, "init", lambda: None)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device=None: "a GPU")
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
        monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_90"])
        ones = torch.ones
        monkeypatch.setattr(torch, "ones", lambda *size, device=None: ones(*size))
        forget()

    def forget():
        for known in (refusal, lacking):
            known.cache_clear()

    yield machine
    monkeypatch.undo()
    forget()


MEASUREMENTS = """
import pytest

@pytest.mark.benchmark
def test_small(device):
    pass

@pytest.mark.benchmark
def test_of_the_cpu_alone():
    pass

@pytest.mark.gpu
def test_full(device):
    pass
"""


@pytest.mark.parametrize("there, options, passed, skipped, reason", [
    pytest.param(False, ["-m", "gpu"], 0, 2, "needs a CUDA device: run `pytest -m gpu` on a", id="gpu without CUDA"),
    pytest.param(False, ["-m", "benchmark"], 2, 0, "", id="benchmark without CUDA"),
    pytest.param(True, ["-m", "gpu"], 2, 0, "", id="gpu"),
    pytest.param(True, ["-m", "benchmark"], 2, 0, "", id="benchmark"),
    pytest.param(True, ["-m", "gpu", "--device=cpu"], 0, 2, "needs a CUDA device: leave --device out",
                 id="gpu, but the CPU is asked for"),
    pytest.param(True, ["-m", "benchmark", "--device=cpu"], 2, 0, "", id="benchmark, on the CPU as asked for"),
    pytest.param(True, ["-m", "not benchmark"], 0, 1, "a measurement of cost: run", id="not benchmark"),
    pytest.param(True, [], 0, 3, "a measurement of cost: run", id="nothing asked for"),
])
def test_the_device_chosen_decides_what_is_run(there, options, passed, skipped, reason, lecture, cuda):
    """Three measurements: one small enough for any device, one of the CPU whatever the device, one of CUDA."""
    cuda(there)
    result = with_benchmarks(lecture, MEASUREMENTS).runpytest("-o", "markers=gpu\nclaim", "-rs", *options)

    result.assert_outcomes(passed=passed, skipped=skipped, deselected=3 - passed - skipped)
    assert reason in result.stdout.str()


@pytest.mark.parametrize("processes, outcomes", [(1, {"passed": 2}), (2, {"skipped": 2})])
def test_cost_is_not_run_where_processes_would_time_one_device(processes, outcomes, lecture, cuda):
    project = with_benchmarks(lecture, MEASUREMENTS)
    result = project.runpytest("-o", "markers=gpu\nclaim", "-rs", "-m", "benchmark", f"-n{processes}")

    result.assert_outcomes(**outcomes)
    told = "2 processes would time one device: leave -n out"
    shown = [where + told in result.stdout.str() for where in ("no cost is measured: ", "a measurement of cost, and ")]
    assert shown == ["skipped" in outcomes] * 2     # at the head, and as the test's reason


def test_a_device_that_is_absent_is_refused_before_any_test(lecture, cuda):
    cuda(False)
    result = lecture().runpytest("--device=cuda")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --device cuda: PyTorch has none to use: *; or leave the option out for cpu"])


def test_a_gpu_that_is_there_but_cannot_be_used_is_told_before_the_cpu_is_taken(lecture, cuda, tmp_path, monkeypatch):
    """To somebody who sits before a CUDA machine nothing says to run on one."""
    cuda(False)
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho Tesla T4, 470.42.01, 7.5\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    result = with_benchmarks(lecture, MEASUREMENTS).runpytest("-o", "markers=gpu\nclaim", "-rs", "-m", "gpu")
    told = result.stdout.str()

    result.assert_outcomes(skipped=2, deselected=1)
    assert "device: cpu, since driver 470 of the Tesla T4 is too old for PyTorch" in told
    assert "needs a CUDA device: driver 470 of the Tesla T4 is too old" in told
    assert "on a machine with one" not in told


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


def test_a_gpu_trains_ten_epochs_only_at_the_course_scale(lecture, cuda):
    cuda(True)
    result = with_benchmarks(lecture, COURSE_RESULT).runpytest("-o", "markers=gpu\nclaim", "-m", "gpu", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs --scale course: each seed trains for ten epochs, a minute or more on a GPU*"])
