"""pytest plugin: tests that speak to statements of a lecture, record evidence, and must reject counterexamples.

A claim is an ordinary test with `@claim("slug")`; a counterexample is an ordinary strict xfail. The plugin adds what
pytest leaves open: an xfail must come from the claim's own assert, evidence must have been recorded, and the outcome
words say what a failure means.
"""

import inspect
import re
from functools import cache
from textwrap import dedent

import pytest

from lab.claims.collection import COURSE, told
from lab.claims.course import KINDS
from lab.claims.evidence import Evidence
from lab.claims.outcomes import COST, NEEDS_CUDA, WORDS, gravest
from lab.claims.traceability import slug_of
from lab.device import refusal, torch_device
from lab.errors import NotAvailable

SUBTESTS = pytest.StashKey()  # of a test whose body is at work: the errors of its subtests
ABSENT = pytest.StashKey()  # why a test can't measure here; earlier trials may answer it
RECORDS = pytest.StashKey()  # what answers it then: `origin` says from which trials, "" for none; `lacking`, ABSENT
ANSWERED = {"course_laboratory", "machine"}  # fixtures that records can answer
SHARING = " would time one device: leave -n out"
ENDING = (KeyboardInterrupt, pytest.exit.Exception)  # what ends the run says nothing of the test
LONGEST_REASON = 10_000  # letters
PYTESTS_WORDS = {"HOLDS": "passed", "CAUGHT": "xfailed", "NOT RUN": "skipped", "RECORDED": "skipped"}  # others: failed


@pytest.fixture
def evidence(request):
    """Where a claim records what it measured; see lab.claims.evidence.Evidence."""
    return Evidence(request.node.user_properties)


def pytest_itemcollected(item):
    """A statement's kind selects its tests under -m; tests of a statement of several kinds name theirs themselves."""
    kind = {statement.slug: statement.kind for statement in item.config.stash[COURSE].statements}.get(slug_of(item), ())
    own = {name for name in KINDS | {"benchmark"} if item.get_closest_marker(name)}
    if not own and len(kind) == 1 and "context" not in kind:
        item.add_marker(kind[0])


def cost_asked(config):
    """Whether -m asks for measurements of cost; `not gpu` doesn't."""
    return bool(re.search("(?<!not )(benchmark|gpu)", config.getoption("markexpr")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Measurements of cost run where they are asked for, on a device that they can run on, and one at a time."""
    asked = cost_asked(config)
    cuda = torch_device(config.getoption("device")).type == "cuda"
    together = getattr(config, "workerinput", {}).get("workercount", 1)  # of pytest-xdist
    for item in items:
        if config.getoption("dry_run", False) and "laboratory" in item.fixturenames:
            continue  # two steps of a course result run on any device
        trained = asked and config.getoption("scale") == "course" and "course_laboratory" in item.fixturenames
        if item.get_closest_marker("gpu") and not (cuda or trained):  # who asks for hours of training gets it anywhere
            absent = f"{NEEDS_CUDA}: {refusal() or 'leave --device out'}"
        elif not {"benchmark", "gpu"} & {mark.name for mark in item.iter_markers()}:
            continue
        elif not asked:
            absent = f"{COST}: run `pytest -m benchmark` or `pytest -m gpu`"
        elif together > 1:
            absent = f"{COST}, and {together} processes{SHARING}"
        else:
            continue
        if ANSWERED & set(item.fixturenames):
            item.stash[ABSENT] = absent
        else:
            item.add_marker(pytest.mark.skip(absent))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test with subtests ends as the gravest of them and of its own body."""
    errors = pyfuncitem.stash[SUBTESTS] = []
    try:
        returned = yield
    except ENDING:
        raise
    except BaseException as error:
        errors.append(error)
    finally:
        del pyfuncitem.stash[SUBTESTS]
    if errors:
        raise gravest(errors, lambda error: _judge(pyfuncitem, "call", pytest.ExceptionInfo.from_exception(error))[0])
    return returned


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """Close the holes of a plain xfail; put the outcome word on the report (user_properties reach xdist's parent)."""
    near_miss, error = item.get_closest_marker("xfail"), call.excinfo
    if near_miss and error and error.errisinstance(AssertionError) and not item.config.getoption("xfail_tb"):
        item.repr_failure = str  # its traceback, which takes longer than most tests, would be shown to nobody
    if error and error.errisinstance(NotAvailable):
        absent = pytest.skip.Exception(str(error.value)).with_traceback(error.tb)
        call.excinfo = error = pytest.ExceptionInfo.from_exception(absent)
    report = yield
    vars(item).pop("repr_failure", None)
    mark = item.get_closest_marker("claim")
    if mark is None or (call.when != "call" and report.passed):
        return report
    if SUBTESTS in item.stash and not _subtest(item.stash[SUBTESTS], report, error):
        return report
    outcome, reason = _judge(item, call.when, error)
    lacking = {}
    if outcome in {"HOLDS", "CAUGHT"} and RECORDS in item.stash and item.stash[RECORDS].origin:
        outcome, reason = "RECORDED", item.stash[RECORDS].origin
        lacking = {"lacking": item.stash[RECORDS].lacking}
        path, line, _ = item.location
        report.outcome, report.longrepr = "skipped", (path, line, reason)  # as pytest keeps a skip
        vars(report).pop("wasxfail", None)
    elif outcome not in {"HOLDS", "CAUGHT", "NOT RUN"}:
        if not report.failed:
            report.longrepr = f"{outcome}: {reason}"
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)
    statement = item.config.stash[COURSE][slug_of(item)]
    report.user_properties += [
        ("statement", statement.id),
        ("outcome", outcome),
        (
            "claim",
            {
                "statement": statement.id,
                **told(item),
                "outcome": outcome,
                "reason": reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…",
                "source": _source(item.function),
                **lacking,
            },
        ),
    ]
    return report


def _subtest(errors, report, error):
    """Note the error of a subtest, and tell whether its report says anything of the claim already."""
    if error is None:
        report.outcome, report.longrepr = "passed", None  # pytest fails it in a near-miss, where another may yet reject
        return False
    errors.append(error.value)
    return not error.errisinstance(ENDING)


@cache
def _source(function):  # for all cases of a test at once
    return dedent(inspect.getsource(function))


def _judge(item, when, error):
    """The outcome word of a phase that ended so, and its reason."""
    recorded = [value for name, value in item.user_properties if name in {"measured", "experiment"}]
    undecided = [value for value in recorded if value.get("verdict") == "undecided"]
    own_assert = (
        error is not None
        and when == "call"
        and error.errisinstance(AssertionError)
        and error.traceback[-1].path == item.path
    )
    if error is not None and error.errisinstance((pytest.skip.Exception, NotAvailable)):
        return "NOT RUN", str(error.value)
    if error is not None and not own_assert:
        return "BROKEN", f"{error.typename} in {when}, outside the claim's own assert: {error.value}"
    if not recorded:
        return "BROKEN", "no evidence was recorded before the test ended; call evidence.measured(...) first"
    if own_assert and undecided:
        return "UNDECIDED", f"undecided after {undecided[0]['n']} pairs of trials"
    if item.get_closest_marker("xfail"):
        return ("CAUGHT", str(error.value)) if own_assert else ("MISSED", "the check accepts this near-miss")
    return ("FAILS", str(error.value)) if own_assert else ("HOLDS", "")


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report):
    """Outcome words instead of PASSED and XFAIL; pytest's category, and with it the exit status, stays."""
    outcome = dict(getattr(report, "user_properties", ())).get("outcome")
    if outcome not in WORDS or (report.when != "call" and report.passed):
        return None
    category = {"HOLDS": "passed", "CAUGHT": "xfailed", "NOT RUN": "skipped", "RECORDED": "skipped"}.get(
        outcome, "failed"
    )
    letter, colour = WORDS[outcome]
    return category, letter, (outcome, {colour: True})
