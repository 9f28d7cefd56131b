"""Of several reports of a test, by its subtests, its body, its teardown or its process's death, the gravest stays."""

import json

import pytest

from lab.claims.outcomes import WORDS
from lab.report.language.words import OUTCOMES
from selfcheck.report_samples import SCHEMA

HEAD = """
import os
import pytest
from lab.claims import claim, counterexample
from lab.errors import NotAvailable

@pytest.fixture
def torn_down():
    yield
    pytest.skip("no room")
"""
CLAIM = '''
@claim({slug!r}{excuse})
{mark}
def test_{name}(evidence, subtests{fixture}):
    "Two and two are four."
    evidence.measured("sum", 4)
    {body}
'''
ACCEPTS, REJECTS = "with subtests.test(): assert 4 == 4", "with subtests.test(): assert 5 == 4"
CASES = {  # body of a case: its outcome
    f"{ACCEPTS}\n    {ACCEPTS}": "HOLDS",
    f"{REJECTS}\n    {ACCEPTS}": "FAILS",
    f"{ACCEPTS}\n    assert 5 == 4": "FAILS",
    f"{REJECTS}\n    with subtests.test(): 1 / 0": "BROKEN",
    f"with subtests.test(): 1 / 0\n    {REJECTS}": "BROKEN",
    f"with subtests.test(): pytest.skip('no GPU')\n    {ACCEPTS}": "NOT RUN",
    f"with subtests.test(): raise NotAvailable('buy a GPU')\n    {ACCEPTS}": "NOT RUN",
    f"{REJECTS}\n    pytest.skip('no GPU')": "FAILS",
    f"{REJECTS}\n    raise NotAvailable('buy a GPU')": "FAILS",
}
COUNTEREXAMPLES = {
    f"{ACCEPTS}\n    {REJECTS}\n    {ACCEPTS}": "CAUGHT",
    f"{ACCEPTS}\n    {ACCEPTS}": "MISSED",
    f"{REJECTS}\n    1 / 0": "BROKEN",
    f"with subtests.test(): pytest.skip('no GPU')\n    {REJECTS}": "NOT RUN",
}
WORDS_OF = [*CASES.values(), *COUNTEREXAMPLES.values(), "FAILS"]


def claims():
    """A file with a claim for each of these, the last of which is skipped after its failure."""
    rows = [(body, "", "") for body in CASES] + [(body, "@counterexample('why')", "") for body in COUNTEREXAMPLES]
    rows.append(("assert 5 == 4", "", ", torn_down"))
    return HEAD + "".join(written(f"case_{number}", *row) for number, row in enumerate(rows))


def written(name, body, mark="", fixture="", slug="two-and-two"):
    excuse = "" if mark else ", no_counterexample='the outcome is what is tried here'"
    return CLAIM.format(slug=slug, excuse=excuse, mark=mark, name=name, fixture=fixture, body=body)


def evidence(project):
    return json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))


def test_a_claim_ends_as_the_gravest_of_its_reports(lecture):
    project = lecture(claims())
    result = project.runpytest("-v", "-rs")
    last = {line.split()[0]: line.partition("[")[0].partition(" ")[2].strip() for line in result.outlines
            if line.startswith("tests/test_sums.py::")}

    assert [test["outcome"] for test in evidence(project)["tests"]] == WORDS_OF
    assert [word.partition(" (")[0] for word in last.values()][:-1] == WORDS_OF[:-1]
    assert ">       1 / 0" in result.outlines  # a traceback that was spared the subtest before it


@pytest.mark.parametrize("mark, status", [
    pytest.param("@counterexample('why')", pytest.ExitCode.OK, id="a counterexample"),
    pytest.param("", pytest.ExitCode.TESTS_FAILED, id="a case"),
])
def test_one_subtest_that_rejects_a_claim_rejects_it_all(lecture, mark, status):
    body = f"{ACCEPTS}\n    {REJECTS}\n    {ACCEPTS}"

    assert lecture(HEAD + written("once", body, mark)).runpytest().ret == status


def test_a_claim_is_broken_whose_process_dies(lecture, runs):
    """Also where no other process is left to run the last test, or to tell which claims there are."""
    project = lecture(claims() + written("dying", f"{REJECTS}\n    os._exit(1)", slug="two-and-three")
                      + written("last", ACCEPTS))
    runs.run(project.path, "-n", "1", "--max-worker-restart=0")
    found = evidence(project)
    *others, died = found["tests"]

    assert [test["outcome"] for test in others] == WORDS_OF
    assert died["outcome"] == "BROKEN" and died["claim"] == "Two and two are four."
    assert "worker 'gw0' crashed while running 'tests/test_sums.py::test_dying'; run it without -n" in died["reason"]
    assert [(one["verdict"], one["unrun"]) for one in found["statements"]] == [
        ("not reproduced", ["tests/test_sums.py::test_last"]), ("not reproduced", [])]
    assert not found["run"]["complete"]


def test_every_outcome_has_its_gravity_its_sign_and_its_place_in_the_schema():
    assert {*WORDS} == {*OUTCOMES} == {*SCHEMA["$defs"]["test"]["properties"]["outcome"]["enum"]}
