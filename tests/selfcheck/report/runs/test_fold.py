"""A run of a part renews its tests on the page and keeps the others; what other code, data or machine made is stale."""

import copy
import json

import jsonschema
import pytest

from lab.report import page
from lab.report.runs.fold import fold, of_this_run
from lab.report.runs.reading import read
from selfcheck.html_reader import told
from selfcheck.report_samples import SCHEMA

CODE = {"": "i1", "tests/lecture/test_L1.py": "t1"}


@pytest.fixture
def whole(old):
    """A run of the whole lecture that recorded its code."""
    old["run"]["code"] = CODE
    for statement in old["statements"]:
        statement["unrun"] = []
    return old


def part(whole, kept=("L1.1",)):
    """A later run of the tests of these statements alone."""
    run = copy.deepcopy(whole)
    run["run"]["started"] = "2026-01-03T00:00:00+0100"
    left = [test for test in run["tests"] if test["statement"] not in kept]
    run["tests"] = [test for test in run["tests"] if test["statement"] in kept]
    for statement in run["statements"]:
        statement["unrun"] = [test["nodeid"] for test in left if test["statement"] == statement["id"]]
        if statement["unrun"]:
            statement.update(verdict="not run", tests=[])
    return run


def verdicts(evidence):
    return {one["id"]: one["verdict"] for one in evidence["statements"]}


def test_a_run_of_a_part_renews_its_tests_and_keeps_the_others(whole, tmp_path):
    run = part(whole)
    run["tests"][0]["outcome"] = "FAILS"
    folded = fold(whole, run)
    jsonschema.validate(json.loads(page.as_json(folded)), SCHEMA)

    assert verdicts(folded) == {**verdicts(whole), "L1.1": "not reproduced"}
    assert {test["nodeid"] for test in folded["tests"]} == {test["nodeid"] for test in whole["tests"]}
    assert of_this_run(folded) == [{**test, "run": 1} for test in run["tests"]]
    assert not any(test.get("stale") for test in folded["tests"])
    page.write(folded, tmp_path)
    assert verdicts(read(tmp_path / "evidence.json")) == verdicts(folded)


def test_a_third_run_keeps_the_run_that_each_test_comes_from(whole):
    second = fold(whole, part(whole, ["L1.1"]))
    third = fold(second, part(whole, ["L1.2"]))
    runs = {test["statement"]: third["runs"][test["run"]]["name"] for test in third["tests"]}

    assert len(third["runs"]) == 3 and runs["L1.1"] == runs["L1.2"] == "2026-01-03 00:00"
    assert runs["L1.3"] == "2026-01-02 03:04"
    assert fold(third, whole) == whole  # a run of the whole lecture has nothing to keep


@pytest.mark.parametrize("change, words", [
    pytest.param(lambda run: run.update(code={**CODE, "": "i2"}), ["code"], id="an instrument"),
    pytest.param(lambda run: run.update(code={**CODE, "tests/lecture/test_L1.py": "t2"}), ["code"], id="a test's file"),
    pytest.param(lambda run: run.update(code={**CODE, "tests/lecture/test_L2.py": "t2"}), [], id="another test's file"),
    pytest.param(lambda run: run["data"][0].update(sha256="other"), ["data"], id="data"),
    pytest.param(lambda run: run["data"][0].update(name="digits", sha256="other"), ["data"], id="embedded digits"),
    pytest.param(lambda run: run.update(cpu="Another CPU"), ["machine"], id="machine"),
])
def test_what_other_code_data_or_machine_made_is_stale_and_counted_apart(whole, change, words):
    run = part(whole)
    change(run["run"])
    folded = fold(whole, run)
    stale = {one["id"]: one["stale"] for one in folded["statements"]}
    shown = told(page.render(folded))

    assert stale["L1.1"] == [] and stale["L1.2"] == words
    assert ("⟲ 5 stale" in shown) == bool(words) and ("✎ 1 corrected" in shown) != bool(words)
    line = f"Stale: found by the run of 2026-01-02 03:04; different since then: {', '.join(words)}."
    assert (line in shown) == bool(words) and ("Found by the run of 2026-01-02 03:04." in shown) != bool(words)


def test_what_a_run_could_not_do_is_kept_and_what_is_gone_goes(whole):
    run = part(whole)
    run["tests"][0].update(outcome="NOT RUN", reason="needs a CUDA device")
    [gone, *_] = run["statements"][1]["unrun"]
    run["statements"][1]["unrun"].remove(gone)
    folded = fold(whole, run)
    outcomes = {test["nodeid"]: test["outcome"] for test in folded["tests"]}

    assert outcomes[run["tests"][0]["nodeid"]] == "HOLDS"
    assert gone not in outcomes and len(outcomes) == len(whole["tests"]) - 1


def test_a_case_that_no_run_tried_leaves_its_statement_not_run(whole):
    nodeid = next(test["nodeid"] for test in whole["tests"] if test["statement"] == "L1.2")
    whole["tests"] = [test for test in whole["tests"] if test["nodeid"] != nodeid]
    whole["statements"][1].update(verdict="not run", unrun=[nodeid])
    run = part(whole)
    run["statements"][1]["unrun"] = [nodeid.split("[")[0]]  # its file was not collected

    assert verdicts(fold(whole, run))["L1.2"] == "not run"


@pytest.mark.parametrize("audit", ["--null-arms", "--untrained-arms"])
def test_an_audit_is_never_part_of_a_page(whole, audit):
    run = part(whole)
    for of in whole, run:
        of["run"]["repeat"] = f"pytest {audit}" if of is run else "pytest"

    assert fold(whole, run) == run and fold(run, whole) == whole


MORE = '''

@claim("two-and-three")
@pytest.mark.parametrize("b", [
    pytest.param(3, id="three"),
    pytest.param(2, id="two", marks=counterexample("two and two are four")),
])
def test_two_and_three(b, evidence):
    """Two and three are five."""
    evidence.measured("sum", 2 + b, expected=5)

    assert 2 + b == 5
'''


@pytest.fixture
def project(lecture):
    """Two statements, each with a test in a file of its own, run one by one."""
    project = lecture()
    head = lecture.claims.split("@claim")[0]
    (project.path / "tests/test_more.py").write_text(head + MORE, encoding="utf-8")
    project.runpytest("tests/test_sums.py")
    return project


def evidence_of(project):
    return json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("options, found", [
    pytest.param([], {"S1": "confirmed", "S2": "refuted"}, id="added"),
    pytest.param(["-k", "and_three"], {"S1": "confirmed", "S2": "refuted"}, id="selected by name"),
    pytest.param(["--new-page"], {"S1": "not run", "S2": "refuted"}, id="afresh"),
    pytest.param(["-n", "1"], {"S1": "confirmed", "S2": "refuted"}, id="a worker process"),
])
def test_two_runs_of_parts_lose_nothing(project, options, found):
    result = project.runpytest("tests/test_more.py", *options)

    assert verdicts(evidence_of(project)) == found
    assert ("(2 tests on it come from earlier runs, 0 of them stale)" in result.stdout.str()) == ("S1" in str(
        [test["statement"] for test in evidence_of(project)["tests"]]))


def test_an_audit_has_a_page_of_its_own(project):
    before = evidence_of(project)
    project.runpytest("--null-arms")

    assert evidence_of(project) == before
    assert (project.path / "reports/audit/index.html").exists()


def test_an_edited_test_makes_its_own_results_stale_and_no_others(project):
    project.runpytest("tests/test_more.py")
    with (project.path / "tests/test_sums.py").open("a", encoding="utf-8") as file:
        file.write("\nELSE = 1\n")
    project.runpytest("tests/test_more.py")

    assert {one["id"]: one["stale"] for one in evidence_of(project)["statements"]} == {"S1": ["code"], "S2": []}


def test_the_history_keeps_the_verdicts_of_the_last_runs_and_the_page_what_changed(project):
    test = project.path / "tests/test_sums.py"
    claims = test.read_text(encoding="utf-8")
    test.write_text(claims.replace("2 + b", "2 + b + 1"), encoding="utf-8")
    project.runpytest("tests/test_sums.py")
    test.write_text(claims, encoding="utf-8")
    project.runpytest()
    history = json.loads((project.path / "reports/history.json").read_text(encoding="utf-8"))
    shown = told((project.path / "reports/index.html").read_text(encoding="utf-8"))

    assert [run["verdicts"] for run in history] == [
        {"confirmed": ["S1"]}, {"not reproduced": ["S1"]}, {"confirmed": ["S1"], "refuted": ["S2"]}]
    assert "Verdicts of the last runs: confirmed ×1 (since " in shown and "not reproduced ×1 (" in shown
    assert "S1 not reproduced → confirmed" in shown and "S1 confirmed → not reproduced" in shown


def test_a_broken_history_is_one_sentence_and_stays_as_it_is(project):
    broken = project.path / "reports/history.json"
    broken.write_text('[{"started": 5}]', encoding="utf-8")
    result = project.runpytest("tests/test_more.py")

    result.stdout.fnmatch_lines(["not noted in the history: *history.json can't be read as a history of verdicts (*): "
                                 "restore it, or delete it."])
    assert broken.read_text(encoding="utf-8") == '[{"started": 5}]' and len(evidence_of(project)["tests"]) == 4


def test_the_terminal_speaks_the_language_that_is_asked_for(project):
    test = project.path / "tests/test_sums.py"
    test.write_text(test.read_text(encoding="utf-8").replace("2 + b", "2 + b + 1"), encoding="utf-8")
    result = project.runpytest("tests/test_sums.py", "--language=zh")
    project.runpytest("tests/test_more.py")
    more = project.runpytest("tests/test_more.py", "--language=zh")

    result.stdout.fnmatch_lines(["*各节论断的判定*", "*未能重现*", "S   求和 *1*", "报告：*index.html",
                                 "*与上次运行相比的变化*", "S1: 成立 -> 未能重现"])
    more.stdout.fnmatch_lines(["报告：*index.html（其中 2 项测试来自更早的运行，0 项已过时）"])
