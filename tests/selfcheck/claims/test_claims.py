"""The claims plugin: outcome words, and the guard that closes the holes of a plain xfail."""

import json

import pytest

HEAD = """
import pytest
from lab.claims import claim, counterexample
"""

RECORDS = "evidence.measured('sum', 4)"


def outcomes(pytester):
    """Outcome words of the run's tests, in order, from its evidence.json."""
    return [test["outcome"] for test in json.loads((pytester.path / "reports/evidence.json").read_text())["tests"]]


def test_a_case_holds_and_its_counterexample_is_caught(lecture):
    result = lecture().runpytest("-v")

    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*two* HOLDS*", "*three* CAUGHT*", "*report: *index.html"])


@pytest.mark.parametrize("body, word, counts", [
    pytest.param(f"{RECORDS}; assert 5 == 4", "FAILS", {"failed": 1}, id="its assert fails"),
    pytest.param(f"{RECORDS}; raise ValueError('no')", "BROKEN", {"failed": 1}, id="it raises something else"),
    pytest.param(f"{RECORDS}; assert_equal(4, 5)", "BROKEN", {"failed": 1}, id="an assert inside a library fails"),
    pytest.param("assert 4 == 4", "BROKEN", {"failed": 1}, id="it passes without evidence"),
    pytest.param("raise NotAvailable('buy a GPU')", "NOT RUN", {"skipped": 1}, id="something is absent"),
    pytest.param("evidence.experiment(Undecided()); assert 0", "UNDECIDED", {"failed": 1}, id="chance is left open"),
    pytest.param(f"{RECORDS}; assert 4 == 4", "HOLDS", {"passed": 1}, id="all is well"),
])
def test_the_outcome_of_a_case_says_what_happened(lecture, body, word, counts):
    project = lecture(claims_with(body, mark=""))
    project.runpytest().assert_outcomes(**counts)

    assert outcomes(project) == [word]


@pytest.mark.parametrize("body, word, counts", [
    pytest.param(f"{RECORDS}; assert 5 == 4", "CAUGHT", {"xfailed": 1}, id="the claim's assert rejects it"),
    pytest.param(f"{RECORDS}; assert 4 == 4", "MISSED", {"failed": 1}, id="the claim's assert accepts it"),
    pytest.param(f"{RECORDS}; assert_equal(4, 5)", "BROKEN", {"failed": 1}, id="an assert inside a library fails"),
    pytest.param("assert 5 == 4", "BROKEN", {"failed": 1}, id="it is rejected without evidence"),
    pytest.param(f"{RECORDS}; pytest.xfail('tired')", "BROKEN", {"failed": 1}, id="it calls xfail itself"),
    pytest.param(f"{RECORDS}; 1 / 0", "BROKEN", {"failed": 1}, id="it raises something else"),
    pytest.param("evidence.experiment(Undecided()); assert 0", "UNDECIDED", {"failed": 1}, id="chance is left open"),
    pytest.param("raise NotAvailable('buy a GPU')", "NOT RUN", {"skipped": 1}, id="something is absent"),
])
def test_the_outcome_of_a_counterexample_says_what_happened(lecture, body, word, counts):
    project = lecture(claims_with(body, mark="@counterexample('a near-miss')"))
    project.runpytest().assert_outcomes(**counts)

    assert outcomes(project) == [word]


def test_a_claims_text_is_the_first_line_of_its_docstring(lecture):
    longer = '"""Two and two are four.\n\n    More.\n    """'
    project = lecture(lecture.claims.replace('"""Two and two are four."""', longer))
    project.runpytest()
    tests = json.loads((project.path / "reports/evidence.json").read_text())["tests"]

    assert [test["claim"] for test in tests] == ["Two and two are four."] * 2


def test_the_traceback_of_a_counterexample_is_there_where_asked(lecture):
    """Unasked none is made: that takes pytest longer than most counterexamples do."""
    result = lecture().runpytest("-rx", "--xfail-tb")

    assert ">       assert 2 + b == 4" in result.outlines


def test_a_published_statement_is_confirmed_by_a_run_of_all_its_tests_alone(lecture):
    published = 'origin = "ours"\npublished = true\nsources = ["A paper."]'
    project, verdicts = lecture(edit=('origin = "ours"', published)), []
    for selected in ("-k=three", "-k=two"):
        project.runpytest(selected)
        verdicts.append(json.loads((project.path / "reports/evidence.json").read_text())["statements"][0]["verdict"])

    assert verdicts == ["published", "confirmed"]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_an_assertion_of_a_fixture_never_counts_as_caught(lecture, phase):
    fixture = "assert 0, 'setup'\n    yield" if phase == "before" else "yield\n    assert 0, 'teardown'"
    project = lecture(HEAD + f"""
@pytest.fixture
def shaky(evidence):
    evidence.measured("sum", 4)
    {fixture}

@claim("two-and-two")
@counterexample("a near-miss")
def test_two(shaky, evidence):
    "Two and two are four."
    assert 5 == 4
""")
    project.runpytest("--junitxml=junit.xml")

    assert outcomes(project) == ["BROKEN"]
    assert "passes unexpectedly" not in (project.path / "junit.xml").read_text()


def claims_with(body, mark):
    """A file with one claim of this body."""
    no_counterexample = "" if mark else ", no_counterexample='the outcome is what is tried here'"
    return f"""
import pytest
from numpy.testing import assert_equal
from lab.claims import claim, counterexample
from lab.errors import NotAvailable

EXPERIMENT = {{
    "arms": {{"a": [1.0, 3.0], "b": [2.0, 2.0]}}, "contrast": {{"a": 1, "b": -1}}, "differences": [-1.0, 1.0],
    "seeds": [0, 1], "metric": "accuracy", "margin": 0.5, "alpha": 1e-4, "rule": "t e-value", "verdict": "undecided",
    "n": 2, "mean": 0.0, "sd": 1.4, "interval": [None, None], "worst": -1.0, "recipe": {{}},
    "data": {{"name": "none", "source": "made up", "images": 0, "sha256": "0", "official": False}},
}}

class Undecided:
    def as_evidence(self):
        return EXPERIMENT

@claim("two-and-two"{no_counterexample})
{mark}
def test_two(evidence):
    "Two and two are four."
    {body}
"""
