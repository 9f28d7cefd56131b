"""Collection rules: a usage error (exit 4) with one sentence that names file and remedy, before anything runs."""

import pytest

from lab.linking import doubled

CLAIM = '''
import pytest
from lab.claims import claim, counterexample

@claim({slug}{excuse})
{mark}
def test_sum({fixture}):
    {docstring}
    assert 5 == 4
'''
GOOD = {"slug": "'two-and-two'", "excuse": "", "mark": "@counterexample('a near-miss')", "fixture": "evidence",
        "docstring": "'Two and two are four.'"}


def usage_error(result):
    """Lines of stderr, given that the run ended as a usage error."""
    return result.stderr.str() if result.ret == pytest.ExitCode.USAGE_ERROR else f"exit {result.ret}"


@pytest.mark.parametrize("flaw, sentence", [
    pytest.param({"slug": "'two-and-too'"}, "test_sums.py: test_sum names 'two-and-too'", id="unknown slug"),
    pytest.param({"docstring": ""}, "test_sums.py: test_sum has no docstring", id="no docstring"),
    pytest.param({"fixture": ""}, "doesn't use the evidence fixture; record", id="no evidence"),
    pytest.param({"mark": ""}, "has no counterexample; add a near-miss", id="no counterexample"),
    pytest.param({"mark": "@pytest.mark.xfail(reason='flaky')"}, "has a bare xfail; write", id="bare xfail"),
])
def test_a_claim_that_lacks_something_is_refused(lecture, flaw, sentence):
    result = lecture(CLAIM.format(**GOOD | flaw)).runpytest()

    assert sentence in usage_error(result)


def test_the_second_test_of_a_name_is_refused(lecture):
    """The first would vanish, and its statement be confirmed by the second."""
    result = lecture(CLAIM.format(**GOOD) * 2).runpytest("-k", "nothing")

    assert "test_sums.py: test_sum is defined at lines 7 and 16, and only the last would run" in usage_error(result)


IN_CLASS = "class Test{}:\n  def test_sum(self): pass\n"


@pytest.mark.parametrize("text, sentences", [
    pytest.param(CLAIM.format(**GOOD) + "def test_sum(): pass", ["test_sum is defined at lines 7 and 10"],
                 id="a claim and a plain test"),
    pytest.param(IN_CLASS.format("A") + "  async def test_sum(self): pass", ["test_sum is defined at lines 2 and 3"],
                 id="in a class"),
    pytest.param(IN_CLASS.format("A") * 3, ["TestA is defined at lines 1, 3 and 5"], id="classes"),
    pytest.param(IN_CLASS.format("A") + IN_CLASS.format("B"), [], id="one in each of two classes"),
    pytest.param("def helper(): pass\n" * 2, [], id="no tests"),
])
def test_tests_of_one_name_are_found(tmp_path, text, sentences):
    (tmp_path / "test_sums.py").write_text(text)

    assert [found.partition(", and only")[0] for found in doubled(tmp_path / "test_sums.py")] == [
        f"test_sums.py: {sentence}" for sentence in sentences]


def test_a_claim_may_say_why_it_has_no_counterexample(lecture):
    excused = {"mark": "", "excuse": ", no_counterexample='the outcome is what is tried here'"}

    assert lecture(CLAIM.format(**GOOD | excused)).runpytest().ret == pytest.ExitCode.TESTS_FAILED


def test_a_statement_of_a_finished_section_needs_a_test(lecture):
    result = lecture(finished=True).runpytest()

    assert "course.toml: S2 (two-and-three) has no test; write one" in usage_error(result)


@pytest.mark.parametrize("selection", ["-k=three", "tests/test_sums.py::test_two_and_two[two]"])
def test_the_rules_hold_for_a_selection_as_for_the_whole(lecture, selection):
    assert lecture().runpytest(selection).ret == pytest.ExitCode.OK


SECTION = '[[section]]\nid = "S"\nen = "More"\nzh = "更多"\nfinished = false\nstatement = []\n'


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param("S2", "S1", "S1 stands twice", id="id twice"),
    pytest.param("[[section]]", SECTION + "[[section]]", "section S stands twice; make the two", id="section twice"),
    pytest.param('"refuted"', '"wrong"', "S2 records 'wrong'; use one of", id="unknown verdict"),
    pytest.param('"refuted"', '"confirmed"', "S2: corrected and refuted statements, and only", id="correction astray"),
    pytest.param('"exact"', '"exakt"', "S1 has kind ['exakt']; use some of", id="unknown kind"),
    pytest.param("zh = \"二加二得四。\"\n", "", "line 7: S1 lacks zh; add", id="a language is absent"),
    pytest.param("[[section]]", "[[section", "line 2, column 10: Expected", id="no TOML"),
])
def test_a_lecture_that_contradicts_itself_is_refused(lecture, old, new, sentence):
    assert sentence in usage_error(lecture(edit=(old, new)).runpytest())
