"""Merging runs of several machines into one page."""

import copy
import json

import jsonschema
import pytest

from lab.report import page
from lab.report.runs.merge import merge
from selfcheck.report_samples import SCHEMA


@pytest.fixture
def halves(old):
    """A laptop's run and a GPU box's run of one lecture: each left out what the other ran of the first statement."""
    laptop, box = copy.deepcopy(old), copy.deepcopy(old)
    first, second, *_ = [test["nodeid"] for test in old["tests"] if test["statement"] == "L1.1"]
    for run, absent in ((laptop, first), (box, second)):
        run["tests"] = [test for test in run["tests"] if test["nodeid"] != absent]
        run["statements"][0].update(verdict="not run", unrun=[absent])
    box["run"].update(gpu="Example GPU", device="cuda")
    return laptop, box


def verdict_of(evidence):
    return evidence["statements"][0]["verdict"]


def test_merged_halves_are_whole_and_name_their_runs(halves):
    merged = merge(halves, ["laptop", "box"])
    jsonschema.validate(json.loads(page.as_json(merged)), SCHEMA)

    assert verdict_of(merged) == "confirmed"
    assert {merged["tests"][0]["run"], merged["tests"][-1]["run"]} == {0, 1}
    assert "Example GPU" in page.render(merged) and "2. box" in page.render(merged)


@pytest.mark.parametrize("cpu, warned", [("Example CPU", False), ("Another CPU", True)], ids=["one", "two"])
def test_a_merged_page_warns_of_different_machines(halves, cpu, warned):
    laptop, box = halves
    box["run"].update(cpu=cpu, gpu="")

    assert ("Runs of different machines are merged:" in page.render(merge([laptop, box]))) == warned


def test_a_statement_that_one_run_alone_knows_stays_as_it_is(old, new):
    """Of two versions of the lecture, with --merge-anyway."""
    alone = new["statements"].pop(1)
    new["tests"] = [test for test in new["tests"] if test["statement"] != alone["id"]]
    merged = {one["id"]: one for one in merge([new, old])["statements"]}

    assert merged[alone["id"]] == {**alone, "tests": sorted(alone["tests"])}


def test_a_half_merged_with_itself_stays_not_run(halves):
    laptop, _ = halves

    assert verdict_of(merge([laptop, laptop])) == "not run"


@pytest.mark.parametrize("left, word", [
    pytest.param([], "confirmed", id="measured by the second run"),
    pytest.param(["tests/test_gpu.py::test_gpu"], "published", id="a test left out by both"),
])
def test_a_merged_statement_stays_published_until_one_run_measured_it(old, new, left, word):
    mine = [test["nodeid"] for test in old["tests"] if test["statement"] == "L1.1"]
    old["tests"] = [test for test in old["tests"] if test["nodeid"] not in mine]
    old["statements"][0].update(published=True, verdict="published", unrun=mine + left)
    new["statements"][0].update(published=True, unrun=left)

    assert verdict_of(merge([old, new])) == verdict_of(merge([new, old])) == word


def test_a_failure_on_one_machine_is_not_hidden_by_the_other(old, new):
    new["tests"][0]["outcome"] = "FAILS"

    assert verdict_of(merge([old, new])) == verdict_of(merge([new, old])) == "not reproduced"


def test_a_test_that_one_machine_could_not_run_comes_from_the_other(old, new):
    new["tests"][0]["outcome"] = "NOT RUN"

    assert verdict_of(merge([old, new])) == verdict_of(merge([new, old])) == "confirmed"


@pytest.mark.parametrize("commits", [("aaa", "bbb"), ("", ""), ("aaa+", "aaa+")], ids=["two", "unknown", "edited"])
def test_runs_of_different_code_are_refused_unless_told(old, new, commits):
    old["run"]["commit"], new["run"]["commit"] = commits

    with pytest.raises(page.ReportError, match="add --merge-anyway"):
        merge([old, new])
    merged = merge([old, new], differing=True)
    assert verdict_of(merged) == "confirmed"
    assert "Runs of different, changed or unrecorded code are merged:" in page.render(merged)


@pytest.fixture
def saved(pytester, old):
    """Two evidence files in a project of their own."""
    for name in ("laptop", "box"):
        (pytester.path / f"{name}.json").write_text(page.as_json(old), encoding="utf-8")
    return pytester


@pytest.mark.parametrize("options", [
    pytest.param(["--merge", "laptop.json", "box.json"], id="one option"),
    pytest.param(["--merge=laptop.json", "--merge=box.json"], id="two options"),
])
def test_merging_from_the_command_line_writes_one_page_and_runs_nothing(lecture, saved, options):
    result = lecture().runpytest(*options)

    assert result.ret == pytest.ExitCode.OK
    assert "collected" not in result.stdout.str()
    assert "laptop.json" in (saved.path / "reports/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--merge", "--compare"])
def test_an_absent_file_is_one_sentence_before_any_test_runs(lecture, option):
    result = lecture().runpytest(f"{option}=nowhere.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "nowhere.json can't be read as evidence (No such file or directory)" in result.stderr.str()
