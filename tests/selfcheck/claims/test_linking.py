"""Collection rules: a usage error (exit 4) with one sentence that names file and remedy, before anything runs."""

import json

import pytest

from lab.claims import claim, counterexample
from lab.claims.marks import ClaimError
from lab.claims.traceability import UnreadableTests, claims_in, doubled

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


def test_claims_are_found_in_classes_and_among_other_tests(tmp_path):
    path = tmp_path / "test_sums.py"
    path.write_text("""
class TestSums:
    @claim("two-and-two")
    async def test_late(self): ...

    class TestLarge:
        @claim("two-and-three")
        @pytest.mark.exact
        def test_large(self): ...
def test_of_no_claim(): ...
@claim("two-and-two")
def test_sum(): ...
""")
    assert claims_in(tmp_path) == {"two-and-two": {(path, "TestSums::test_late"), (path, "test_sum")},
                                   "two-and-three": {(path, "TestSums::TestLarge::test_large")}}


def test_a_statement_of_a_finished_section_needs_a_test(lecture):
    result = lecture(finished=True).runpytest()

    assert "course.toml: S2 (two-and-three) has no test; write one" in usage_error(result)


@pytest.mark.parametrize("selection", ["-k=three", "tests/test_sums.py::test_two_and_two[two]"])
def test_the_rules_hold_for_a_selection_as_for_the_whole(lecture, selection):
    assert lecture().runpytest(selection).ret == pytest.ExitCode.OK


def test_a_claim_on_a_context_statement_is_refused(lecture):
    context = 'kind = ["context"]\nrecorded = "context"\nsources = ["A."]'
    result = lecture(edit=('kind = ["exact"]\nrecorded = "confirmed"', context)).runpytest()

    assert "test_sums.py: test_two_and_two claims 'two-and-two', which course.toml records" in usage_error(result)


WAYS = '''
import pytest
import lab.claims
from lab.claims import claim, counterexample

SLUG = "two-and-two"
CASES = [pytest.param(2, id="two"), pytest.param(3, id="three", marks=counterexample("two and three are five"))]

def check(b, evidence):
    evidence.measured("sum", 2 + b, expected=4)
    return 2 + b

@claim(slug="two-and-two")
@pytest.mark.parametrize("b", argvalues=CASES)
def test_with_keywords(b, evidence):
    "Two and two are four."
    assert check(b, evidence) == 4

@claim(SLUG)
@pytest.mark.parametrize("b", (case for case in CASES))
def test_with_a_constant_and_a_generator(b, evidence):
    "Two and two are four."
    assert check(b, evidence) == 4

@pytest.mark.claim("two-and-two")
@pytest.mark.parametrize("b", CASES)
def test_with_the_mark_itself(b, evidence):
    "Two and two are four."
    assert check(b, evidence) == 4

class TestSums:
    @lab.claims.claim("two-and-two")
    @pytest.mark.parametrize("b", CASES)
    def test_in_a_class(self, b, evidence):
        "Two and two are four."
        assert check(b, evidence) == 4

@claim("two-and-two")
@pytest.mark.parametrize("b", CASES)
class TestOfTheClass:
    def test_whose_class_claims(self, b, evidence):
        "Two and two are four."
        assert check(b, evidence) == 4
'''


def test_a_claim_may_be_written_in_several_ways(lecture):
    project = lecture(WAYS)
    project.runpytest("-W", "ignore").assert_outcomes(passed=5, xfailed=5)

    assert verdict_of_two_and_two(project) == "confirmed"


def verdict_of_two_and_two(project):
    """What the run's report says of S1, with all tests that the files hold."""
    statement = json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))["statements"][0]
    return statement["verdict"]


@pytest.mark.parametrize("source, sentence", [
    pytest.param(b"# claim(\ndef f(:\n", "test_a.py, line 2 is no Python (invalid syntax); correct it.", id="syntax"),
    pytest.param("'claim(二'\n".encode("gbk"), "test_a.py, line 1 is no Python ((unicode error) 'utf-8'", id="GBK"),
    pytest.param(b"# claim(\n\0", "null bytes); correct it.", id="a zero byte"),
    pytest.param(b"@claim(f'{1}')\ndef test_a(): pass\n", "test_a.py, line 1: test_a has a slug", id="f-string"),
    pytest.param(b"@claim(UNKNOWN)\ndef test_a(): pass\n", "line 1: test_a has a slug that", id="no constant"),
    pytest.param(b"@claim('a')\ndef a(): pass\n", "line 1: a isn't collected as a test; begin its name", id="no test"),
    pytest.param(b"class A:\n  @claim('a')\n  def test_a(): pass\n", "A::test_a isn't collected", id="no Test class"),
])
def test_a_test_file_that_hides_its_claims_is_refused(tmp_path, source, sentence):
    (tmp_path / "test_a.py").write_bytes(source)
    with pytest.raises(UnreadableTests) as refused:
        claims_in(tmp_path)

    assert sentence in str(refused.value)


def test_a_byte_order_mark_in_a_test_file_is_none_of_its_claims(tmp_path):
    (tmp_path / "test_a.py").write_text("@claim('a')\ndef test_a(): pass\n", encoding="utf-8-sig")

    assert set(claims_in(tmp_path)) == {"a"}


@pytest.mark.parametrize("slip", [
    pytest.param(lambda: claim(test_a_claim_on_a_context_statement_is_refused), id="claim without call"),
    pytest.param(lambda: claim(), id="claim without slug"),
    pytest.param(lambda: claim("a", no_counterexample=True), id="no counterexample, and no reason"),
    pytest.param(lambda: counterexample(), id="counterexample without reason"),
])
def test_a_mark_that_says_too_little_says_how_it_is_written(slip):
    with pytest.raises(ClaimError, match=": write "):
        slip()


@pytest.mark.parametrize("options", [[], ["-n2"]], ids=["alone", "with worker processes"])
def test_a_broken_file_that_was_not_selected_is_one_sentence(lecture, runs, options):
    project = lecture()
    (project.path / "tests/test_else.py").write_text("# claim(\ndef f(:\n")
    status, _ = runs.run(project.path, "tests/test_sums.py", *options)
    told = (project.path / "terminal.txt").read_text(encoding="utf-8")

    assert status == pytest.ExitCode.USAGE_ERROR
    assert told.strip().splitlines()[-1] == "ERROR: test_else.py, line 2 is no Python (invalid syntax); correct it."


def test_a_file_that_breaks_while_the_tests_run_costs_nothing(lecture):
    breaks = "open('tests/test_else.py', 'w').write('# claim(\\ndef f(:\\n')\n    assert 2"
    project = lecture(lecture.claims.replace("assert 2", breaks))
    project.runpytest()

    assert verdict_of_two_and_two(project) == "confirmed"


SECTION = """[[section]]
id = "S"
en = "More"
zh = "更多"
finished = false
[[section.statement]]
id = "S0"
slug = "more"
en = "More."
zh = "更多。"
kind = ["exact"]
recorded = "confirmed"
origin = "ours"
[[section]]
id = "S" """


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param("S2", "S1", "S1 stands twice", id="id twice"),
    pytest.param('[[section]]\nid = "S"', SECTION.rstrip(), "section S stands twice; make the two", id="section twice"),
    pytest.param('"refuted"', '"wrong"', "S2 records 'wrong'; use one of", id="unknown verdict"),
    pytest.param('"refuted"', '"confirmed"', "S2: corrected and refuted statements, and only", id="correction astray"),
    pytest.param('"得五。"', '""', "S2 has an empty text in correction; write it", id="half a correction"),
    pytest.param('"exact"', '"exakt"', "S1 has kind ['exakt']; use some of", id="unknown kind"),
    pytest.param("zh = \"二加二得四。\"\n", "", "line 7: S1 lacks zh; add", id="a language is absent"),
    pytest.param("[[section]]", "[[section", "line 2, column 10: Expected", id="no TOML"),
])
def test_a_lecture_that_contradicts_itself_is_refused(lecture, old, new, sentence):
    assert sentence in usage_error(lecture(edit=(old, new)).runpytest())
