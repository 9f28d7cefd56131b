"""pytest plugin: the lecture and the claims that speak to it; a run in which one of them lacks something is refused."""

import inspect
from contextlib import suppress

import pytest

from lab.claims.course import CourseError, read
from lab.claims.traceability import XFAILS, UnreadableTests, claims_in, doubled, faults, slug_of, unlinked

COURSE, COLLECTED = pytest.StashKey(), pytest.StashKey()  # the Course; {nodeid: (slug, told)} of every claim
WRITTEN = pytest.StashKey()  # lab.claims.traceability.claims_in as it was when the tests were collected


def pytest_addoption(parser):
    """Where the lecture stands, relative to the root folder."""
    parser.addini("course", "the lecture's sections and statements", default="tests/course.toml")


def pytest_configure(config):
    """Read the lecture before anything is collected: a mistake in it is a usage error with one sentence.

    `pytest -c elsewhere/pytest.ini` means the tests there, and not what lies in the present folder.
    """
    sources, here = config.ArgsSource, config.invocation_params.dir
    if config.args_source is sources.INVOCATION_DIR and not here.is_relative_to(config.rootpath):
        config.args = [str(config.rootpath / path) for path in config.getini("testpaths") or [""]]
        config.args_source = sources.TESTPATHS
    try:
        config.stash[COURSE] = read(config.rootpath / config.getini("course"))
    except CourseError as error:
        raise pytest.UsageError(*str(error).splitlines()) from error
    config.stash[COLLECTED] = {}


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector):
    """Note every claim of a file and all its cases, also those that the run does not select: a verdict needs them."""
    made = yield
    items = [item for item in made if isinstance(item, pytest.Function)] if isinstance(made, list) else []
    xfails = [mark for item in items for mark in item.iter_markers("xfail")]
    for item in items:
        item.stash[XFAILS] = xfails
        if slug_of(item):
            collector.config.stash[COLLECTED][item.nodeid] = (slug_of(item), told(item))
    return made


def told(item):
    """What a claim says of itself."""
    near_miss = item.get_closest_marker("xfail")
    return {
        "claim": (inspect.getdoc(item.function) or "").partition("\n")[0],
        "role": "counterexample" if near_miss else "case",
        "why": near_miss.kwargs.get("reason", "") if near_miss else "",
    }


def written(config):
    """The claims that the test files hold, {slug: {(path, name)}}; read once, for a file may change during the run."""
    if WRITTEN not in config.stash:
        config.stash[WRITTEN] = claims_in(config.stash[COURSE].path.parent)
    return config.stash[WRITTEN]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config):
    """With worker processes nothing is collected here, so the files are read before the workers begin."""
    with suppress(UnreadableTests):  # a worker that collects claims will refuse them
        written(config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """What a worker process refused is refused in the process that talks to the user."""
    problems = getattr(node, "workeroutput", {}).get("refused")
    if problems:
        raise pytest.UsageError(*problems)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Refuse the run, naming file and remedy, when a claim or a statement lacks what makes it trustworthy."""
    course = config.stash[COURSE]
    claims = [item for item in items if item.get_closest_marker("claim")]
    files = dict.fromkeys(item.path for item in items if isinstance(item, pytest.Function))
    problems = [problem for path in files for problem in doubled(path)]
    problems += dict.fromkeys(problem for item in claims for problem in faults(item, course))
    collected = {slug for slug, _ in config.stash[COLLECTED].values()}
    try:
        problems += unlinked(course, collected | set(written(config))) if claims else []
    except UnreadableTests as error:
        problems += str(error).splitlines()
    if problems and hasattr(config, "workeroutput"):  # xdist takes an error of a worker's collection for a crash
        config.workeroutput["refused"], items[:] = problems, []
    elif problems:
        raise pytest.UsageError(*problems)
