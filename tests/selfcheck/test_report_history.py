"""Comparing and merging runs, and the table for spreadsheets."""

import copy
import csv
import json

import jsonschema
import pytest

from lab.report import page
from lab.report.compare import compare, lines, read
from lab.report.merge import merge
from lab.report.table import as_table
from selfcheck.hostile import everywhere
from selfcheck.report_samples import sample
from selfcheck.test_report import SCHEMA


@pytest.fixture
def old():
    return sample(8, 1)


@pytest.fixture
def new(old):
    return copy.deepcopy(old)


def test_a_run_compared_with_itself_shows_no_change(old, new):
    comparison = compare(old, new)

    assert not any(changes for name, changes in comparison.items() if name != "since")


def test_what_changed_is_found(old, new):
    new["statements"][0]["verdict"] = "not reproduced"
    new["tests"][0].update(outcome="FAILS", duration_s=9.0)
    new["tests"][0]["experiment"]["mean"] = 2.0  # the interval was 11.4 to 15.1
    new["tests"][5]["evidence"][0]["value"] = 112
    new["tests"].pop()
    new["run"]["packages"]["torch"] = "2.10.0"
    found = compare(old, new)

    assert [(change["was"], change["now"]) for change in found["verdicts"]] == [("confirmed", "not reproduced")]
    assert [(change["was"], change["now"]) for change in found["outcomes"]] == [("HOLDS", "FAILS")]
    assert [(change["now"], change["interval"]) for change in found["outside"]] == [(2.0, [11.4, 15.1])]
    assert [(change["was"], change["now"]) for change in found["values"]] == [(108, 112)]
    assert [change["now"] for change in found["durations"]] == [9.0]
    assert len(found["removed"]) == 1
    assert found["versions"] == {"torch": ["2.9.0", "2.10.0"]}
    assert any("confirmed -> not reproduced" in line for line in lines(found))


def test_a_mean_within_its_interval_is_no_change(old, new):
    new["tests"][0]["experiment"]["mean"] = 12.0

    assert compare(old, new)["outside"] == []


def test_the_page_says_what_changed(old, new):
    new["statements"][0]["verdict"] = "undecided"
    new["comparison"] = compare(old, new)
    jsonschema.validate(json.loads(page.as_json(new)), SCHEMA)

    assert "What changed since the earlier run" in page.render(new)
    assert "What changed since the earlier run" not in page.render(old)


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 7}', '{"run": {}}'])
def test_a_file_that_is_no_evidence_is_refused(tmp_path, content):
    (tmp_path / "evidence.json").write_text(content)

    with pytest.raises(page.ReportError, match="evidence.json of an earlier run"):
        read(tmp_path / "evidence.json")


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


def test_a_half_merged_with_itself_stays_not_run(halves):
    laptop, _ = halves

    assert verdict_of(merge([laptop, laptop])) == "not run"


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
    assert verdict_of(merge([old, new], differing=True)) == "confirmed"


def test_the_table_has_every_measurement_under_the_page_s_ids(old):
    rows = list(csv.DictReader(as_table(old).removeprefix("\ufeff").splitlines()))

    assert len(rows) == sum(max(1, len(test["evidence"])) for test in old["tests"])
    assert rows[0]["statement"] == "L1.1" and rows[0]["value"] == "108" and rows[0]["outcome"] == "HOLDS"


def test_the_table_holds_no_formula():
    rows = list(csv.reader(as_table(everywhere("=HYPERLINK(1)")).removeprefix("\ufeff").splitlines()))

    assert not [cell for row in rows for cell in row if cell.startswith("=")]


@pytest.fixture
def saved(pytester, old):
    """Two evidence files in a project of their own."""
    for name in ("laptop", "box"):
        (pytester.path / f"{name}.json").write_text(page.as_json(old), encoding="utf-8")
    return pytester


def test_merging_from_the_command_line_writes_one_page_and_runs_nothing(lecture, saved):
    result = lecture().runpytest("--merge=laptop.json", "--merge=box.json")

    assert result.ret == pytest.ExitCode.OK
    assert "collected" not in result.stdout.str()
    assert "laptop.json" in (saved.path / "reports/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--merge", "--compare"])
def test_an_absent_file_is_one_sentence_before_any_test_runs(lecture, option):
    result = lecture().runpytest(f"{option}=nowhere.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "nowhere.json can't be read as evidence (No such file or directory)" in result.stderr.str()
