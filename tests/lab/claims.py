"""pytest plugin: tests that speak to statements of a lecture, record evidence, and must reject counterexamples.

A claim is an ordinary test with `@claim("slug")`; a counterexample is an ordinary strict xfail. The plugin adds what
pytest leaves open: an xfail must come from the claim's own assert, evidence must have been recorded, and the outcome
words say what a failure means.
"""

import inspect
import re
from functools import cache

import pytest

from lab.course import KINDS, CourseError, read
from lab.errors import NotAvailable
from lab.evidence import Evidence
from lab.linking import claims_in, doubled, faults, unlinked
from lab.outcomes import WORDS, gravest
from lab.timing import torch_device

COURSE, COLLECTED = pytest.StashKey(), pytest.StashKey()  # the Course; {nodeid: (slug, _told)} of every claim found
SUBTESTS = pytest.StashKey()  # of a test whose body is at work: the errors of its subtests
ENDING = (KeyboardInterrupt, pytest.exit.Exception)  # what ends the run says nothing of the test


def claim(slug, no_counterexample=None):
    """Mark a test as speaking to the statement `slug`; a claim that can have no counterexample says why."""
    return pytest.mark.claim(slug, no_counterexample=no_counterexample)


def counterexample(why):
    """Mark a case as a near-miss that the claim's own assert must reject, `why` in words."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=why)


@pytest.fixture
def evidence(request):
    """Where a claim records what it measured; see lab.evidence.Evidence."""
    return Evidence(request.node.user_properties)


def pytest_addoption(parser):
    """Where the lecture stands, relative to the root folder."""
    parser.addini("course", "the lecture's sections and statements", default="tests/course.toml")


def pytest_configure(config):
    """Read the lecture before anything is collected: a mistake in it is a usage error with one sentence."""
    try:
        config.stash[COURSE] = read(config.rootpath / config.getini("course"))
    except CourseError as error:
        raise pytest.UsageError(*str(error).splitlines()) from error
    config.stash[COLLECTED] = {}


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector):
    """Note every claim of a file, also those that the run does not select: a verdict needs them all."""
    made = yield
    for item in made if isinstance(made, list) else ():
        mark = item.get_closest_marker("claim") if isinstance(item, pytest.Function) else None
        if mark:
            collector.config.stash[COLLECTED][item.nodeid] = (mark.args[0], _told(item))
    return made


def _told(item):
    """What a claim says of itself."""
    near_miss = item.get_closest_marker("xfail")
    return {
        "claim": (inspect.getdoc(item.function) or "").partition("\n")[0],
        "role": "counterexample" if near_miss else "case",
        "why": near_miss.kwargs.get("reason", "") if near_miss else "",
    }


def pytest_itemcollected(item):
    """A statement's kind selects its tests under -m; tests of a statement of several kinds name theirs themselves."""
    mark = item.get_closest_marker("claim")
    statements = {statement.slug: statement for statement in item.config.stash[COURSE].statements}
    if mark is None or mark.args[0] not in statements:
        return
    own = {name for name in KINDS | {"benchmark"} if item.get_closest_marker(name)}
    if not own and len(statements[mark.args[0]].kind) == 1:
        item.add_marker(statements[mark.args[0]].kind[0])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Refuse the run, naming file and remedy, when a claim or a statement lacks what makes it trustworthy."""
    course = config.stash[COURSE]
    claims = [item for item in items if item.get_closest_marker("claim")]
    files = dict.fromkeys(item.path for item in items if isinstance(item, pytest.Function))
    problems = [problem for path in files for problem in doubled(path)]
    problems += dict.fromkeys(problem for item in claims for problem in faults(item, course))
    if claims:
        problems += unlinked(course, claims_in(course.path.parent))
    if problems:
        raise pytest.UsageError(*problems)
    cost_asked = re.search("(?<!not )(benchmark|gpu)", config.getoption("markexpr"))
    cuda = torch_device(config.getoption("device")).type == "cuda"
    for item in items:
        if config.getoption("dry_run", False) and "laboratory" in item.fixturenames:
            continue                                    # two steps of a course result run on any device
        if item.get_closest_marker("gpu") and not cuda:
            item.add_marker(pytest.mark.skip("needs a CUDA device: run `pytest -m gpu` on a machine with one"))
        elif {"benchmark", "gpu"} & {mark.name for mark in item.iter_markers()} and not cost_asked:
            item.add_marker(pytest.mark.skip("a measurement of cost: run `pytest -m benchmark` or `pytest -m gpu`"))


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
    if outcome not in {"HOLDS", "CAUGHT", "NOT RUN"}:
        if not report.failed:
            report.longrepr = f"{outcome}: {reason}"
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)
    statement = item.config.stash[COURSE][mark.args[0]]
    report.user_properties += [("statement", statement.id), ("outcome", outcome), ("claim", {
        "statement": statement.id, **_told(item), "outcome": outcome, "reason": reason,
        "source": _source(item.function),
    })]
    return report


def _subtest(errors, report, error):
    """Note the error of a subtest, and tell whether its report says anything of the claim already."""
    if error is None:
        report.outcome, report.longrepr = "passed", None  # pytest fails it in a near-miss, where another may yet reject
        return False
    errors.append(error.value)
    return not error.errisinstance(ENDING)


_source = cache(inspect.getsource)  # for all cases of a test at once


def _judge(item, when, error):
    """The outcome word of a phase that ended so, and its reason."""
    recorded = [value for name, value in item.user_properties if name in {"measured", "experiment"}]
    undecided = [value for value in recorded if value.get("verdict") == "undecided"]
    own_assert = (
        error is not None and when == "call" and error.errisinstance(AssertionError)
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
    category = {"HOLDS": "passed", "CAUGHT": "xfailed", "NOT RUN": "skipped"}.get(outcome, "failed")
    letter, colour = WORDS[outcome]
    return category, letter, (outcome, {colour: True})
