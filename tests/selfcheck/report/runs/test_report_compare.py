"""Comparing with an earlier run, and the table for spreadsheets."""

import csv
import json

import jsonschema
import pytest

from lab.report import page
from lab.report.language.measures import trained
from lab.report.runs.compare import compare, lines, reached_twice
from lab.report.table import as_table
from selfcheck.hostile import everywhere
from selfcheck.html_reader import told
from selfcheck.report_samples import SCHEMA


def test_a_run_compared_with_itself_shows_no_change(old, new):
    comparison = compare(old, new)

    assert not any(changes for name, changes in comparison.items() if name != "since")


def test_what_changed_is_found(old, new):
    new["statements"][0]["verdict"] = "not reproduced"
    new["tests"][0].update(outcome="FAILS", duration_s=8.0)
    new["tests"][0]["experiment"]["mean"] = 2.0  # the interval was 11.4 to 15.1
    new["tests"][5]["evidence"][0]["value"] = 112
    new["tests"][5]["duration_s"] = 9.0
    new["tests"].pop()
    new["run"]["packages"]["torch"] = "2.10.0"
    found = compare(old, new)

    assert [(change["was"], change["now"]) for change in found["verdicts"]] == [("confirmed", "not reproduced")]
    assert [(change["was"], change["now"]) for change in found["outcomes"]] == [("HOLDS", "FAILS")]
    assert [(change["now"], change["interval"]) for change in found["outside"]] == [(2.0, [11.4, 15.1])]
    assert [(change["was"], change["now"]) for change in found["values"]] == [(108, 112)]
    assert [change["now"] for change in found["durations"]] == [9.0]    # not 8.0: training is shared by claims
    assert len(found["removed"]) == 1
    assert found["versions"] == {"torch": ["2.9.0", "2.10.0"]}
    told = list(lines(found))
    assert any("confirmed -> not reproduced" in line for line in told)
    assert "torch: 2.9.0 -> 2.10.0" in told and told[-1].endswith(" tests ran in both, 0 tests more, 1 tests fewer")
    assert any("test accuracy 13.2 -> 2, outside [11.4, 15.1]" in line for line in told)


@pytest.mark.parametrize("experiment, told", [
    pytest.param({"metric": "test accuracy"}, True, id="seeds"),
    pytest.param({"metric": "log ratio of seconds per image"}, False, id="rounds of a cost"),
    pytest.param(None, False, id="no experiment"),
])
def test_only_trained_arms_share_their_time(experiment, told):
    assert trained({"experiment": experiment}) == told


@pytest.mark.parametrize("mean", [12.0, 11.4, 15.1], ids=["inside", "lower end", "upper end"])
def test_a_mean_within_its_interval_is_no_change(old, new, mean):
    new["tests"][0]["experiment"]["mean"] = mean

    assert compare(old, new)["outside"] == []


def test_the_page_says_what_changed(old, new):
    new["statements"][0]["verdict"] = "undecided"
    new["comparison"] = compare(old, new)
    jsonschema.validate(json.loads(page.as_json(new)), SCHEMA)

    assert "What changed since the earlier run" in page.render(new)
    assert "L1.1 confirmed → undecided: Most parameters of VGG" in told(page.render(new))
    assert "What changed since the earlier run" not in page.render(old)


def leave_out(evidence, statement, verdict, unrun, tests):
    """Turn evidence into that of a part of the run, without these tests of a statement."""
    one, = (one for one in evidence["statements"] if one["id"] == statement)
    one.update(verdict=verdict, unrun=unrun)
    evidence["tests"] = [test for test in evidence["tests"] if test["nodeid"] not in tests]


@pytest.mark.parametrize("later", [True, False], ids=["a part after the whole", "the whole after a part"])
def test_a_part_says_nothing_of_what_it_left_out(old, new, later):
    """A function of a file that was not collected, a case, and the test that a statement failed by."""
    whole, part = (old, new) if later else (new, old)
    of = {test["nodeid"]: test["statement"] for test in whole["tests"]}
    for statement, verdict, few in (("L1.1", "not run", 3), ("L1.2", "not run", 1), ("L1.5", "undecided", 1)):
        tests = [nodeid for nodeid in of if of[nodeid] == statement][:few]
        leave_out(part, statement, verdict, [tests[0].split("[")[0]] if few > 1 else tests, tests)
    new["statements"][2]["verdict"] = "not reproduced"
    found = compare(old, new)

    assert [change["id"] for change in found["verdicts"]] == ["L1.3"]
    assert found["added"] == found["removed"] == [] and found["since"]["shared"] == len(part["tests"])


def test_a_statement_is_compared_with_what_it_was_by_another_id(old, new):
    """And with itself, where an earlier run had both."""
    new["statements"][0].update(was=["Q1"], verdict="undecided")
    both = compare({**old, "statements": [*old["statements"], {**old["statements"][1], "id": "Q1"}]}, new)
    old["statements"][0]["id"] = "Q1"

    change = {"id": "L1.1", "was": "confirmed", "now": "undecided"}
    assert compare(old, new)["verdicts"] == [change] and both["verdicts"] == [change]


def test_to_measure_what_was_published_is_no_changed_verdict(old, new):
    old["statements"][0].update(verdict="published", published=True)
    [change] = compare(old, new)["verdicts"]

    assert not reached_twice(change)


def test_a_driver_that_a_part_did_not_use_is_no_other_machine(old, new):
    for test, driver in ((old["tests"][0], "550.1"), (new["tests"][-1], "560.2")):
        test["experiment"] = {**old["tests"][0]["experiment"], "recipe": {"driver": driver}}
    new["tests"].pop(0)

    assert compare(old, new)["machines"] == {}


def test_runs_without_a_test_in_common_are_not_said_to_agree(old, new):
    new.update(tests=[], comparison=compare(old, {**new, "tests": []}))

    assert "0 tests ran in both." in told(page.render(new))
    assert "No verdict, outcome or exact value changed" not in told(page.render(new))


def test_measurements_of_time_are_no_exact_values(old, new):
    new["statements"][1]["kind"] = ["gpu"]
    new["tests"][4]["evidence"][0]["value"] = 109

    assert compare(old, new)["values"] == []


def test_runs_of_two_machines_are_warned_about_on_the_page_and_in_the_terminal(old, new):
    new["run"]["cpu"] = "Another CPU"
    new["comparison"] = compare(old, new)

    assert "The two runs come from different machines:" in page.render(new)
    assert "WARNING: the two runs come from different machines" in "".join(lines(new["comparison"]))
    assert "(cpu: Example CPU -> Another CPU)" in "".join(lines(new["comparison"]))


def test_a_driver_that_benchmarks_found_is_part_of_the_machine(old, new):
    for run, driver in ((old, "550.1"), (new, "560.2")):
        run["tests"][0]["experiment"]["recipe"] = {"device": "a GPU", "driver": driver, "clocks": "as found"}

    assert compare(old, new)["machines"] == {"driver": ["550.1", "560.2"]}


def test_an_interval_without_end_excludes_nothing(old, new):
    old["tests"][0]["experiment"]["interval"] = ["-inf", None]

    assert compare(old, new)["outside"] == []


@pytest.mark.parametrize("options, told", [
    pytest.param([], ["S1: confirmed -> not reproduced"], id="with the run before, unasked"),
    pytest.param(["--compare=reports/evidence.json"], ["S1: confirmed -> not reproduced", "*two]: HOLDS -> FAILS",
                                                       "*two]: sum 4 -> 5"], id="with a file that is named"),
])
def test_a_run_says_what_changed_and_keeps_the_evidence_of_the_run_before(lecture, options, told):
    project = lecture()
    project.runpytest()
    first = (project.path / "reports/evidence.json").read_text(encoding="utf-8")
    (project.path / "tests/test_sums.py").write_text(lecture.claims.replace("2 + b", "2 + b + 1"), encoding="utf-8")
    result = project.runpytest(*options)

    result.stdout.fnmatch_lines(["*changes since the earlier run*", *told])
    assert (project.path / "reports/previous.json").read_text(encoding="utf-8") == first
    assert "What changed since the earlier run" in (project.path / "reports/index.html").read_text(encoding="utf-8")


def test_a_selected_part_is_compared_in_what_it_ran(lecture):
    more = lecture.claims.replace("two_and_two", "other_sums").split("import claim, counterexample")[1]
    project = lecture(lecture.claims + more)
    project.runpytest()
    result = project.runpytest("-k", "two_and_two", "--compare=reports/evidence.json")

    result.stdout.fnmatch_lines(["*changes since the earlier run*", "2 tests ran in both, 0 tests more, 0 tests fewer"])
    result.stdout.no_fnmatch_line("*->*")


def test_the_table_has_every_measurement_under_the_page_s_ids(old):
    rows = list(csv.DictReader(as_table(old).removeprefix("\ufeff").splitlines()))

    assert len(rows) == sum(max(1, len(test["evidence"])) for test in old["tests"])
    assert rows[0]["statement"] == "L1.1" and rows[0]["value"] == "108" and rows[0]["outcome"] == "HOLDS"
    assert (rows[0]["origin"], rows[0]["place"]) == ("notes", "L6, sentence 4")
    assert rows[0]["scope"].startswith("Nets of 6,000 parameters")
    [row, *_] = [row for row in rows if row["statement"] == "L1.2"]
    assert row["correction"].startswith("The first") and row["correction_zh"].startswith("第一个")


def test_the_table_holds_no_formula():
    rows = list(csv.reader(as_table(everywhere("=HYPERLINK(1)")).removeprefix("\ufeff").splitlines()))

    assert not [cell for row in rows for cell in row if cell.startswith("=")]
