"""Whole runs of a small lecture: pytest's own options, worker processes, interruption, and bad input."""

import json
import os
import xml.etree.ElementTree as ET

import pytest

from selfcheck.small_lecture import TRAINED


def evidence(pytester):
    """The run's evidence.json."""
    return json.loads((pytester.path / "reports/evidence.json").read_text(encoding="utf-8"))


def verdicts(pytester):
    """Verdict by statement id."""
    return {statement["id"]: statement["verdict"] for statement in evidence(pytester)["statements"]}


@pytest.mark.parametrize("options, verdict", [
    pytest.param([], "confirmed", id="everything"),
    pytest.param(["-q"], "confirmed", id="quiet"),
    pytest.param(["-x"], "confirmed", id="stop at the first failure"),
    pytest.param(["-p", "no:cacheprovider"], "confirmed", id="without cache"),
    pytest.param(["-m", "exact"], "confirmed", id="by kind"),
    pytest.param(["-k", "three"], "not run", id="the counterexample alone"),
    pytest.param(["tests/test_sums.py::test_two_and_two[two]"], "not run", id="one case alone"),
])
def test_a_verdict_needs_every_test_of_the_statement(lecture, options, verdict):
    project = lecture()

    assert project.runpytest(*options).ret == pytest.ExitCode.OK
    assert verdicts(project) == {"S1": verdict, "S2": "not yet tested"}


def test_two_worker_processes_find_the_same_evidence(lecture, runs):
    """Also of what is drawn at random."""
    drawn = 'evidence.measured("drawn", torch.rand(3).tolist())\n    '
    claims = lecture.claims.replace('evidence.measured("sum"', drawn + 'evidence.measured("sum"')
    project = lecture("import torch\n" + claims)
    found = []
    for options in [], ["-n", "2"]:
        assert runs.run(project.path, *options)[0] == pytest.ExitCode.OK
        found.append(evidence(project))
    alone, shared = ([{**test, "duration_s": 0} for test in run["tests"]] for run in found)

    assert len(alone) == 2 and sorted(shared, key=str) == sorted(alone, key=str)
    assert found[0]["statements"] == found[1]["statements"]


def test_trained_evidence_is_the_same_alone_with_worker_processes_and_by_itself(lecture, runs):
    project, found = lecture(TRAINED), []
    for options in [], ["-n", "2"], ["-k", "short"]:
        runs.run(project.path, "--fresh", "--new-page", *options)
        found.append({test["nodeid"]: test["experiment"] for test in evidence(project)["tests"]})
    whole, shared, selected = found

    assert len(whole) == 2 and shared == whole
    assert len(selected) == 1 and selected.items() <= whole.items()


def test_a_refused_claim_is_one_sentence_also_with_worker_processes(lecture, runs):
    project = lecture("def test_nothing():\n    pass\n", edit=('"exact"', '"exakt"'))
    status, _ = runs.run(project.path, "-n", "2")

    assert status == pytest.ExitCode.USAGE_ERROR
    assert "S1 has kind ['exakt']" in (project.path / "terminal.txt").read_text(encoding="utf-8")


def test_junit_xml_carries_statement_and_outcome(lecture):
    project = lecture()
    project.runpytest("--junitxml=junit.xml")
    rows = [{p.get("name"): p.get("value") for p in case.iter("property")}
            for case in ET.parse(project.path / "junit.xml").iter("testcase")]

    assert rows == [{"statement": "S1", "outcome": "HOLDS"}, {"statement": "S1", "outcome": "CAUGHT"}]


def test_an_interrupted_run_keeps_what_it_found_and_says_so(lecture, runs):
    stop = ("\n\ndef test_z_ctrl_c():\n    import os, signal\n"
            "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"    # ignored in a shell's background
            "    os.kill(os.getpid(), signal.SIGINT)\n")
    project = lecture(lecture.claims + stop)
    status, _ = runs.run(project.path)

    assert status == pytest.ExitCode.INTERRUPTED
    assert evidence(project)["run"]["complete"] is False
    assert "This run is not complete:" in (project.path / "reports/index.html").read_text(encoding="utf-8")
    assert verdicts(project)["S1"] == "confirmed"


@pytest.mark.parametrize("options", [
    pytest.param([], id="no other option"),
    pytest.param(["--data-dir", "{elsewhere}"], id="an option whose value is a folder"),
])
def test_the_ini_file_named_from_elsewhere_runs_its_lecture(lecture, tmp_path, monkeypatch, options):
    project, elsewhere = lecture(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    project.runpytest("-c", project.path / "pytest.ini", *(option.format(elsewhere=elsewhere) for option in options))

    assert verdicts(project)["S1"] == "confirmed"


@pytest.mark.parametrize("options, sentence", [
    pytest.param(["--scale", "galactic"], "invalid choice: 'galactic'", id="unknown scale"),
    pytest.param(["--data-dir", "pytest.log"], "pytest.log", id="data folder is a file"),
    pytest.param(["--data-dir=a/typo"], "there is no folder 'a/typo': correct it", id="data folder is absent"),
    pytest.param([f"--data-dir={'x' * 300}"], "xxx is no folder (File name too long)", id="data folder too long"),
    pytest.param(["--data-dir=~nobody-here/a"], "is no folder (Could not determine", id="data folder of nobody"),
    pytest.param(["--report-dir", "pytest.log"], "pytest.log", id="report folder is a file"),
    pytest.param(["--report-dir", "pytest.log", "-n", "1"], "pytest.log", id="the same with a worker process"),
    pytest.param(["--report-dir", "/proc/nowhere"], "/proc/nowhere", id="report folder can't be made"),
    pytest.param(["--shuffle-pixels"], "unrecognized arguments: --shuffle-pixels", id="unknown option"),
])
def test_bad_input_is_one_sentence_before_any_test_runs(lecture, options, sentence):
    project = lecture()
    (project.path / "pytest.log").write_text("a file")
    result = project.runpytest(*options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stderr.str()
    assert "HOLDS" not in result.stdout.str()


@pytest.mark.parametrize("name, size, sentence", [
    pytest.param("train-images-idx3-ubyte", 1000, "train-images-idx3-ubyte", id="truncated images"),
    pytest.param("t10k-labels-idx1-ubyte", 0, "t10k-labels-idx1-ubyte", id="empty labels"),
])
def test_broken_mnist_is_refused_before_any_test_runs(lecture, name, size, sentence):
    project = lecture()
    raw = project.path / "data/MNIST/raw"
    raw.mkdir(parents=True)
    for part in "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1":
        (raw / f"{part}-ubyte").write_bytes(bytes([0, 0, 8, 3 if "images" in part else 1]) + os.urandom(2000))
    (raw / name).write_bytes((raw / name).read_bytes()[:size])
    result = project.runpytest("--data-dir", "data")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len(result.stderr.lines) <= 3
    assert "MNIST" in result.stderr.str()
