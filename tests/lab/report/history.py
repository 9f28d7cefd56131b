"""pytest plugin: where the report goes, and what earlier runs add to it: their tests, comparison, history, merging."""

import os
import sys
from pathlib import Path

import pytest

from lab.report import page
from lab.report.costs.console import machine_lines
from lab.report.files import ReportError
from lab.report.language.words import mark
from lab.report.runs import verdicts
from lab.report.runs.compare import compare, lines, reached_twice
from lab.report.runs.fold import fold
from lab.report.runs.merge import merge
from lab.report.runs.reading import read
from lab.report.terminal import speaker

NAMED = pytest.StashKey()  # evidence that --compare named
COMPARED = mark("not compared: {why}")
LEFT_OUT = pytest.StashKey()  # what the page had to do without, and why


def pytest_addoption(parser):
    """The options of every report, and those that take evidence.json files of earlier runs."""
    group = parser.getgroup("lecture")
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the report goes (default: reports)")
    group.addoption(
        "--language",
        choices=["en", "zh", "auto"],
        default="auto",
        help="the report's first language (default: the reader's browser's)",
    )
    group.addoption(
        "--new-page",
        action="store_true",
        help="begin the page anew, with this run alone (default: the run renews its tests and keeps the others)",
    )
    group.addoption(
        "--compare",
        type=Path,
        metavar="FILE",
        help="say what changed since this evidence.json (default: the one that the report replaces, "
        "which stays beside it as previous.json)",
    )
    group.addoption(
        "--merge",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="run nothing; write one page from these evidence.json files (those outside the checkout: "
        "--merge=FILE --merge=FILE)",
    )
    group.addoption("--merge-anyway", action="store_true", help="merge runs of different versions of the code")


def pytest_configure(config):
    """An earlier run that was asked for by name must be there, whole, before the first test."""
    asked = config.getoption("compare")
    if asked and not hasattr(config, "workerinput"):
        try:
            config.stash[NAMED] = read(asked)
        except ReportError as error:
            raise pytest.UsageError(str(error)) from error


def pytest_cmdline_main(config):
    """Merge instead of running, where files to merge are named."""
    files = config.getoption("merge")
    if not files:
        return None
    try:
        merged = merge([read(file) for file in files], [str(file) for file in files], config.getoption("merge_anyway"))
        path = page.write(merged, report_folder(config), config.getoption("language"))
    except ReportError as error:
        raise pytest.UsageError(str(error)) from error
    except Exception as error:  # a file from elsewhere may make anything fail
        raise pytest.UsageError(
            f"These files can't be merged ({type(error).__name__}: {error}): merge the evidence.json of runs."
        ) from error
    say = speaker(config)
    told = [*machine_lines(merged, say), say("report: {path}", path=path)]
    sys.stdout.write("\n".join(told) + "\n")  # before configuration, pytest has no terminal writer yet
    return pytest.ExitCode.OK


def report_folder(config):
    """Folder that the report of this run goes to; an audit, which says nothing of the lecture, has one of its own."""
    audit = config.getoption("null_arms", False) or config.getoption("untrained_arms", False)
    return config.getoption("report_dir") or config.rootpath / "reports" / ("audit" if audit else "")


def drawings_of(config):
    """Where the drawings of the last page are kept, so that the next has to draw only what is new."""
    if not config.pluginmanager.hasplugin("cacheprovider"):  # -p no:cacheprovider: nothing is kept
        return Path(os.devnull)
    return config.rootpath / config.getini("cache_dir") / "d" / "drawings.json"


def with_earlier(config, evidence, write):
    """What `write(page, history)` returns, of the run's evidence with all that earlier runs have to add to it.

    The page at hand keeps the tests that this run left out; what changed since it, or since the run that --compare
    names, is told; history.json has the verdicts of the last runs. What fails of it is left out, and the terminal says
    why.
    """
    config.stash[LEFT_OUT] = []
    folder = report_folder(config)
    at_hand = _tried(config, mark("not added to the earlier page: {why}"), _at_hand, folder)
    page = evidence
    if at_hand and not config.getoption("new_page"):
        page = _tried(config, mark("not added to the earlier page: {why}"), fold, at_hand, evidence) or evidence
    history = _tried(config, mark("not noted in the history: {why}"), _history, folder, page)
    previous = config.stash.get(NAMED, at_hand)
    comparison = previous and _tried(config, COMPARED, _compared, previous, evidence, page)
    if comparison:
        try:
            return write({**page, "comparison": comparison}, history)
        except Exception as error:  # a comparison with a file from elsewhere may make anything fail
            _note(config, COMPARED, error)
    return write(page, history)


def _at_hand(folder):
    """Evidence of the page in this folder, or None where there is none."""
    return read(folder / "evidence.json") if os.path.lexists(folder / "evidence.json") else None


def _history(folder, page):
    """The verdicts of the last runs, with those of this one."""
    return verdicts.with_run(verdicts.read(folder), page)


def _compared(previous, evidence, page):
    """What the run changed; verdicts are the page's, to which earlier runs add."""
    comparison = {**compare(previous, evidence), "verdicts": compare(previous, page)["verdicts"]}
    list(lines(comparison))  # fails here, where the page can still do without a comparison
    return comparison


def _tried(config, sentence, task, *arguments):
    """The task's result; None where it fails, which the terminal will say."""
    try:
        return task(*arguments)
    except Exception as error:  # a file from elsewhere may make anything fail
        _note(config, sentence, error)


def _note(config, sentence, error):
    reason = str(error) if isinstance(error, ReportError) else f"{type(error).__name__}: {error}"
    config.stash[LEFT_OUT].append(speaker(config)(sentence, why=reason))


def pytest_terminal_summary(terminalreporter, config):
    """What changed: all of it with --compare, else changed verdicts and machines; or why nothing was compared."""
    for told in config.stash.get(LEFT_OUT, ()):
        terminalreporter.write_line(told, yellow=True)
    comparison = config.pluginmanager.get_plugin("recorder").result.get("comparison")
    if not comparison:
        return
    if not config.getoption("compare"):  # without it, only verdicts that both runs reached are worth a line
        reached = list(filter(reached_twice, comparison["verdicts"]))
        silent = dict.fromkeys(["outcomes", "outside", "values", "durations"], ())
        comparison = {**comparison, **silent, "verdicts": reached, "versions": {}}
    say = speaker(config)
    told = list(lines(comparison, say))
    if config.getoption("compare") or comparison["verdicts"] or comparison["machines"]:
        terminalreporter.section(say("changes since the earlier run"))
        terminalreporter.write("".join(line + "\n" for line in told))
