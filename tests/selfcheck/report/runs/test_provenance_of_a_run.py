"""Does the evidence of a run say where its numbers come from, in words that a reader finds?"""
import json
import platform
from pathlib import Path

import pytest

from lab.device import cpu
from lab.report.runs import provenance

CPUINFO = "processor\t: 0\nmodel name\t: Example CPU @ 2 GHz\nprocessor\t: 1\nmodel name\t: Another CPU\n"


@pytest.mark.parametrize("options, seeds, scale", [
    pytest.param([], "declared", "quick", id="unasked"),
    pytest.param(["--fresh-seeds", "--scale=course"], "fresh", "course", id="asked"),
])
def test_a_run_tells_of_its_seeds_and_scale(lecture, options, seeds, scale):
    project = lecture()
    project.runpytest(*options)
    text = (project.path / "reports/evidence.json").read_text(encoding="utf-8")
    run = json.loads(text)["run"]

    assert (run["seeds"], run["scale"], run["device"], run["complete"]) == (seeds, scale, "auto", True)
    assert run["python"] == platform.python_version() and run["packages"]["pytest"] == pytest.__version__
    assert "二加二得四" in text                      # and no \\u4e8c: people read and search it


@pytest.mark.parametrize("there, name", [
    pytest.param(True, "Example CPU @ 2 GHz", id="the first of several"),
    pytest.param(False, platform.processor() or platform.machine(), id="without a list of processors"),
])
def test_a_processor_has_a_name(monkeypatch, there, name):
    monkeypatch.setattr(Path, "exists", lambda path: there)
    monkeypatch.setattr(Path, "read_text", lambda path: CPUINFO)
    found, _ = cpu()
    monkeypatch.undo()

    assert found == name


def test_a_package_that_is_absent_is_told():
    assert provenance._version("no-such-package") == "not installed"
