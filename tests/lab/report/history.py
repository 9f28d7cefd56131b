"""pytest plugin: where the report goes, which earlier run it is compared with, and which runs it merges."""

import os
import sys
from pathlib import Path

import pytest

from lab.report import page
from lab.report.files import ReportError
from lab.report.runs.compare import compare, lines, reached_twice
from lab.report.runs.merge import merge
from lab.report.runs.reading import read

NAMED = pytest.StashKey()  # evidence that --compare named
UNCOMPARED = pytest.StashKey()  # why nothing was compared


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
    sys.stdout.write(f"report: {path}\n")  # before configuration, pytest has no terminal writer yet
    return pytest.ExitCode.OK


def report_folder(config):
    """Folder that the report of this run goes to."""
    return config.getoption("report_dir") or config.rootpath / "reports"


def with_comparison(config, evidence, write):
    """What `write(evidence)` returns, of the evidence with what changed since the earlier run, where there is one.

    Without --compare that is the run whose report is replaced. Where comparing fails, this run is written without a
    comparison, and the terminal says why.
    """
    try:
        previous = config.stash[NAMED] if NAMED in config.stash else _replaced(config)
        if previous:
            comparison = compare(previous, evidence)
            list(lines(comparison))  # fails here, where the page can still do without a comparison
            return write({**evidence, "comparison": comparison})
    except ReportError as error:
        config.stash[UNCOMPARED] = str(error)
    except Exception as error:  # a file from elsewhere may make anything fail
        config.stash[UNCOMPARED] = f"comparing failed ({type(error).__name__}: {error})"
    return write(evidence)


def pytest_terminal_summary(terminalreporter, config):
    """What changed: all of it with --compare, else changed verdicts and machines; or why nothing was compared."""
    if UNCOMPARED in config.stash:
        terminalreporter.write_line(f"not compared: {config.stash[UNCOMPARED]}", yellow=True)
    comparison = config.pluginmanager.get_plugin("recorder").result.get("comparison")
    if not comparison:
        return
    if not config.getoption("compare"):  # without it, only verdicts that both runs reached are worth a line
        reached = list(filter(reached_twice, comparison["verdicts"]))
        silent = dict.fromkeys(["outcomes", "outside", "values", "durations"], ())
        comparison = {**comparison, **silent, "verdicts": reached, "versions": {}}
    told = list(lines(comparison))
    if config.getoption("compare") or comparison["verdicts"] or comparison["machines"]:
        terminalreporter.section("changes since the earlier run")
        terminalreporter.write("".join(line + "\n" for line in told))


def _replaced(config):
    """Evidence of the run whose report this one replaces, or None where there is none."""
    path = report_folder(config) / "evidence.json"
    return read(path) if os.path.lexists(path) else None
