"""pytest plugin for who writes the lecture; it runs no test: --page after a change of its texts, --new-statement."""

import sys

import pytest

from lab.claims.course import CourseError
from lab.claims.course import read as read_course
from lab.claims.new_statement import needed, written
from lab.claims.traceability import UnreadableTests
from lab.report import page
from lab.report.figures import drawings
from lab.report.figures.drawings import Drawings
from lab.report.files import ReportError, replace_files
from lab.report.history import drawings_of, report_folder
from lab.report.language.words import mark
from lab.report.runs import verdicts
from lab.report.runs.reading import read
from lab.report.statements import refreshed
from lab.report.terminal import speaker

QUESTIONS = {  # how an entry is asked for
    "section": mark("its id, such as L2"),
    "en": mark("the sentence in English, as its author puts it"),
    "zh": mark("the same in Chinese"),
    "kind": mark("exact, trained, record, cifar, gpu; several with commas"),
    "scope.en": mark("in English: what was trained, on what, and what that leaves open"),
    "scope.zh": mark("the same in Chinese"),
}


def pytest_addoption(parser):
    """What an author asks for."""
    group = parser.getgroup("lecture")
    group.addoption(
        "--page",
        action="store_true",
        help="run nothing; make the page anew from the evidence beside it, with the texts that course.toml has by now",
    )
    group.addoption(
        "--new-statement",
        nargs="*",
        metavar="ENTRY=TEXT",
        help="run nothing; write a statement's entry into course.toml and its test's skeleton into the section's file: "
        'section=L2 "en=A bias adds one parameter per filter." zh=... kind=exact; what is missing is asked for',
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Without tests their conftest.py files, which import torch, are not needed either."""
    known = early_config.known_args_namespace
    if known.page or known.new_statement is not None:
        early_config.known_args_namespace.noconftest = True


def pytest_cmdline_main(config):
    """Instead of a run."""
    asked = config.getoption("new_statement")
    if asked is None and not config.getoption("page"):
        return None
    try:
        done = page_anew(config) if asked is None else new_statement(config, asked)
    except (ReportError, CourseError, UnreadableTests) as error:
        raise pytest.UsageError(*str(error).splitlines()) from error
    sys.stdout.write(done + "\n")  # before configuration, pytest has no terminal writer yet
    return pytest.ExitCode.OK


def new_statement(config, asked):
    """Write a statement and its test; what was written where, and how it runs, in lines.

    asked: texts "entry=text"; what is needed besides is asked for on the terminal. Raises CourseError or ReportError
    with both files as they were.
    """
    entries = dict(one.partition("=")[::2] for one in asked)
    course = read_course(config.rootpath / config.getini("course"))
    say = speaker(config)
    config.pluginmanager.getplugin("capturemanager").suspend(in_=True)
    while missing := needed(entries):
        try:
            entries[missing[0]] = input(f"{missing[0]} ({say(QUESTIONS[missing[0]])}): ").strip()
        except (EOFError, OSError) as error:
            told = " ".join(f"{name}=..." for name in missing)
            raise CourseError(f"A new statement needs {told}: add it to --new-statement.") from error
    texts, lines, name = written(course, entries)
    for path, text in texts.items():
        replace_files(path.parent, {path.name: text})
    places = [
        say("{path}, line {line}", path=path.relative_to(config.rootpath), line=line) for path, line in lines.items()
    ]
    return "\n".join([*places, say("Write the check, then run: {command}", command=f"pytest -k {name}")])


def page_anew(config):
    """Make the page from the evidence in its folder; tells where it is. Raises ReportError or CourseError."""
    folder, kept = report_folder(config), drawings_of(config)
    evidence = refreshed(read(folder / "evidence.json"), read_course(config.rootpath / config.getini("course")))
    drawn = Drawings(drawings.read(kept))
    path = page.write(evidence, folder, config.getoption("language"), drawn, verdicts.read(folder), previous=False)
    drawings.keep(drawn, kept)
    return speaker(config)("report: {path}", path=path)
