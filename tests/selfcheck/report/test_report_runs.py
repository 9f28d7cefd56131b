"""The report of whole runs: the commands that it shows, and runs that end early."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from itertools import count
from pathlib import Path

import pytest

FAILS = "\n\ndef test_that_fails():\n    assert False\n\n\ndef test_last():\n    pass\n"
STRANGE = "test_'sums' $(touch hacked) 求和.py"


def report(project):
    return (project.path / "reports/index.html").read_text(encoding="utf-8")


def commands(project):
    """The commands that the page shows, as the copy button would put them into a shell."""
    shown = re.findall(r'<code class="copyable">(.*?)</code>', report(project), re.DOTALL)
    return [unescape(re.sub("<.*?>", "", command)) for command in shown]


def pasted(command, project):
    """What a shell in the project's root prints for a command."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", command], cwd=project.path, env={**os.environ, "PATH": path},
                          capture_output=True, text=True, timeout=120)
    return done.stdout


def test_the_command_of_a_claim_repeats_it_when_it_is_pasted(lecture):
    project = lecture(lecture.claims.replace("def test_two_and_two", "def test_二加二"))
    (project.path / "tests/test_sums.py").rename(project.path / "tests" / STRANGE)
    (project.path / "no such 'place'").mkdir()
    project.runpytest("--data-dir", "no such 'place'", "-q")
    [command] = commands(project)

    assert "--data-dir=no such" in command
    assert "1 passed, 1 xfailed" in pasted(command, project)
    assert not (project.path / "hacked").exists()


def test_the_command_of_a_measurement_of_cost_asks_for_it(lecture):
    project = lecture()
    project.runpytest("-m", "exact or benchmark", "--scale=course")

    assert commands(project) == [
        "pytest --scale=course -m 'exact or benchmark' tests/test_sums.py::test_two_and_two"]


def test_what_a_run_left_out_has_its_command(lecture):
    more = lecture.claims.replace("two_and_two", "other_sums").split("import claim, counterexample")[1]
    project = lecture(lecture.claims + more)
    project.runpytest("-k", "two_and_two")

    assert commands(project)[-1] == "pytest tests/test_sums.py::test_other_sums"
    assert "1 claim left out" in report(project)


def test_stopping_at_a_failure_leaves_a_page_that_says_so(lecture):
    project = lecture(lecture.claims + FAILS)

    assert project.runpytest("-x").ret == pytest.ExitCode.TESTS_FAILED
    assert "This run is not complete:" in report(project)


def test_a_run_that_fails_to_the_end_is_complete(lecture):
    project = lecture(lecture.claims + FAILS)
    project.runpytest()

    assert "This run is not complete:" not in report(project)


def test_a_run_without_pytests_cache_has_its_report(lecture):
    result = lecture().runpytest("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines(["report: *index.html"])


def test_a_clock_that_runs_backwards_gives_no_negative_duration(lecture, monkeypatch):
    project = lecture()
    monkeypatch.setattr("time.time", count(1e9, -3600).__next__)
    project.runpytest()
    evidence = json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))

    assert min(one["duration_s"] for one in (evidence["run"], *evidence["tests"])) >= 0


@pytest.mark.parametrize("options, status", [
    pytest.param([], pytest.ExitCode.INTERNAL_ERROR, id="a run"),
    pytest.param(["-n", "1"], pytest.ExitCode.INTERNAL_ERROR, id="a worker process"),
    pytest.param(["--merge=reports/evidence.json", "--merge-anyway"], pytest.ExitCode.USAGE_ERROR, id="merging"),
])
def test_a_report_that_cannot_be_written_fails_the_run_and_keeps_the_old_page(lecture, monkeypatch, options, status):
    project = lecture()
    project.runpytest()
    before = report(project)

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("lab.report.files.os.fsync", full)
    result = project.runpytest(*options)

    assert result.ret == status
    lines = [line for line in result.outlines + result.errlines if "No space left" in line]
    assert len(lines) == 1 and re.search("can't be written to .*reports .*: make room, or choose", lines[0])
    assert report(project) == before
    assert sorted(path.name for path in (project.path / "reports").iterdir()) == [
        "claims.csv", "evidence.json", "history.json", "index.html"]
