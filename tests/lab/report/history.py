"""pytest plugin: --compare with an earlier run, --merge runs of several machines into one page."""

import sys
from pathlib import Path

import pytest

from lab.report import page
from lab.report.compare import compare, lines, reached_twice, read
from lab.report.files import ReportError
from lab.report.merge import merge

PREVIOUS = pytest.StashKey()  # the earlier run's evidence, or None


def pytest_addoption(parser):
    """Both take evidence.json files that earlier runs wrote."""
    group = parser.getgroup("lecture")
    group.addoption("--compare", type=Path, metavar="FILE",
                    help="say what changed since this evidence.json (default: the one that the report replaces, "
                         "which stays beside it as previous.json)")
    group.addoption("--merge", type=Path, nargs="+", action="extend", default=[], metavar="FILE",
                    help="run nothing; write one page from these evidence.json files (those outside the checkout: "
                         "--merge=FILE --merge=FILE)")
    group.addoption("--merge-anyway", action="store_true", help="merge runs of different versions of the code")


def pytest_configure(config):
    """Read the earlier run before anything is replaced; one that was asked for by name must be there."""
    asked = config.getoption("compare")
    try:
        config.stash[PREVIOUS] = read(asked or _folder(config) / "evidence.json")
    except ReportError as error:
        if asked:
            raise pytest.UsageError(str(error)) from error
        config.stash[PREVIOUS] = None


def pytest_cmdline_main(config):
    """Merge instead of running, where files to merge are named."""
    files = config.getoption("merge")
    if not files:
        return None
    try:
        merged = merge([read(file) for file in files], [str(file) for file in files], config.getoption("merge_anyway"))
        path = page.write(merged, _folder(config), config.getoption("language"))
    except ReportError as error:
        raise pytest.UsageError(str(error)) from error
    sys.stdout.write(f"report: {path}\n")  # before configuration, pytest has no terminal writer yet
    return pytest.ExitCode.OK


def compared(config, evidence):
    """The evidence with what changed since the earlier run, where there is one."""
    previous = config.stash.get(PREVIOUS, None)
    return {**evidence, "comparison": compare(previous, evidence)} if previous else evidence


def pytest_terminal_summary(terminalreporter, config):
    """What changed, in a few lines; all of it where an earlier run was named."""
    recorder = config.pluginmanager.get_plugin("recorder")
    comparison = getattr(recorder, "result", {}).get("comparison")
    if not comparison:
        return
    if not config.getoption("compare"):  # unasked, only verdicts that both runs reached are worth a line
        reached = list(filter(reached_twice, comparison["verdicts"]))
        silent = dict.fromkeys(["outcomes", "outside", "values", "durations"], ())
        comparison = {**comparison, **silent, "verdicts": reached, "versions": {}}
    told = list(lines(comparison))
    if config.getoption("compare") or comparison["verdicts"] or comparison["machines"]:
        terminalreporter.section("changes since the earlier run")
        terminalreporter.write("".join(line + "\n" for line in told))


def _folder(config):
    return Path(config.getoption("report_dir") or config.rootpath / "reports")
