"""Is a statement's recorded verdict shown only where every test of it ran and went as it must?"""
import pytest

from lab.claims.course import Statement, verdict
from lab.claims.outcomes import waited_for


def statement(recorded="refuted", **more):
    return Statement("L1.1", "slug", "English", "中文", ("exact",), recorded, "ours", **more)


@pytest.mark.parametrize("outcomes, missing, word", [
    pytest.param(["HOLDS", "CAUGHT"], False, "refuted", id="all went as they must"),
    pytest.param(["HOLDS", "CAUGHT"], True, "not run", id="one was left out"),
    pytest.param([], True, "not run", id="all were left out"),
    pytest.param([], False, "not run", id="none has an outcome"),
    pytest.param(["HOLDS", "NOT RUN"], False, "not run", id="one could not run"),
    pytest.param(["HOLDS", "UNDECIDED"], True, "undecided", id="one is undecided"),
    pytest.param(["UNDECIDED", "NOT RUN"], False, "undecided", id="undecided, another could not run"),
    pytest.param(["UNDECIDED", "FAILS"], False, "not reproduced", id="one fails"),
    pytest.param(["HOLDS", "MISSED"], True, "not reproduced", id="one is missed"),
    pytest.param(["BROKEN", "NOT RUN"], False, "not reproduced", id="one is broken"),
])
def test_the_word_for_a_statement(outcomes, missing, word):
    assert verdict(statement(), outcomes, ["a function"], missing) == word


def test_a_statement_without_a_function_is_not_yet_tested_and_context_needs_none():
    assert verdict(statement(), [], [], False) == "not yet tested"
    assert verdict(statement("context"), [], [], False) == "context"


@pytest.mark.parametrize("outcomes, missing, word", [
    pytest.param([], True, "published", id="left out"),
    pytest.param(["NOT RUN", "NOT RUN"], False, "published", id="could not run"),
    pytest.param(["HOLDS", "NOT RUN"], False, "published", id="only half of it ran"),
    pytest.param(["HOLDS", "CAUGHT"], False, "confirmed", id="measured in this run"),
    pytest.param(["FAILS", "NOT RUN"], False, "not reproduced", id="fails"),
    pytest.param(["UNDECIDED"], True, "undecided", id="undecided"),
    pytest.param(["RECORDED", "RECORDED"], False, "recorded", id="trained once"),
    pytest.param(["RECORDED", "NOT RUN"], False, "published", id="trained once, but for a test"),
])
def test_a_verdict_that_rests_on_a_source_is_published_until_it_is_measured(outcomes, missing, word):
    assert verdict(statement("confirmed", published=True), outcomes, ["a function"], missing) == word


TRAINED = {"nodeid": "test_trained[a]", "outcome": "HOLDS", "reason": "", "experiment": {"n": 5}}
COUNTED = {"nodeid": "test_counted[a]", "outcome": "HOLDS", "reason": "", "experiment": None}
LONG = {"nodeid": "test_long[a]", "outcome": "NOT RUN", "reason": "needs --scale course: ten nets, 5 minutes",
        "experiment": None}
LONG_RAN = {**LONG, "outcome": "UNDECIDED", "reason": "the seeds did not decide", "experiment": {"n": 40}}
RECORDED = {"nodeid": "test_recorded[a]", "outcome": "RECORDED", "reason": "recorded trials: 21; ...",
            "lacking": LONG["reason"], "experiment": {"n": 21}}
NO_DATA = {**LONG, "reason": "CIFAR-10 is not in the data folder"}
ELSEWHERE = {**RECORDED, "lacking": NO_DATA["reason"]}
LEFT = {**LONG, "nodeid": "test_recorded[b]"}
ON_A_GPU = {**LONG, "reason": "needs a CUDA device: leave --device out"}


@pytest.mark.parametrize("tests, waited", [
    pytest.param([TRAINED, ON_A_GPU], [TRAINED], id="a GPU adds to it"),
    pytest.param([COUNTED, ON_A_GPU], [COUNTED, ON_A_GPU], id="only a GPU tells"),
    pytest.param([TRAINED, LONG], [TRAINED], id="it adds to what was trained"),
    pytest.param([COUNTED, LONG], [COUNTED, LONG], id="nothing else was trained"),
    pytest.param([LONG], [LONG], id="nothing else"),
    pytest.param([TRAINED, LONG_RAN], [TRAINED, LONG_RAN], id="it ran"),
    pytest.param([TRAINED, NO_DATA], [TRAINED, NO_DATA], id="data are missing"),
    pytest.param([TRAINED, RECORDED], [TRAINED], id="it was trained once"),
    pytest.param([TRAINED, ELSEWHERE], [TRAINED, ELSEWHERE], id="data are missing, and it was trained elsewhere"),
    pytest.param([COUNTED, RECORDED], [COUNTED, RECORDED], id="it was trained once, and nothing else was"),
    pytest.param([RECORDED], [RECORDED], id="it was trained once, and that is all"),
    pytest.param([COUNTED, RECORDED, LONG], [COUNTED, RECORDED], id="what was trained once stands for longer training"),
    pytest.param([COUNTED, RECORDED, LEFT], [COUNTED, RECORDED, LEFT], id="a case of what was trained once is left"),
    pytest.param([RECORDED, ON_A_GPU], [RECORDED, ON_A_GPU], id="trained once, and only a GPU tells the rest"),
])
def test_a_verdict_does_not_wait_for_what_only_the_course_scale_trains(tests, waited):
    assert waited_for(tests) == waited
