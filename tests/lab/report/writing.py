"""pytest plugin for who writes the lecture; it runs no test: --page makes the page anew after a change of its texts."""

import sys

import pytest

from lab.claims.course import CourseError
from lab.claims.course import read as read_course
from lab.report import page
from lab.report.figures import drawings
from lab.report.figures.drawings import Drawings
from lab.report.files import ReportError
from lab.report.history import drawings_of, report_folder
from lab.report.runs import verdicts
from lab.report.runs.reading import read
from lab.report.statements import refreshed


def pytest_addoption(parser):
    """What an author asks for."""
    group = parser.getgroup("lecture")
    group.addoption(
        "--page",
        action="store_true",
        help="run nothing; make the page anew from the evidence beside it, with the texts that course.toml has by now",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Without tests their conftest.py files, which import torch, are not needed either."""
    if early_config.known_args_namespace.page:
        early_config.known_args_namespace.noconftest = True


def pytest_cmdline_main(config):
    """Instead of a run."""
    if not config.getoption("page"):
        return None
    try:
        path = page_anew(config)
    except (ReportError, CourseError) as error:
        raise pytest.UsageError(*str(error).splitlines()) from error
    sys.stdout.write(f"report: {path}\n")  # before configuration, pytest has no terminal writer yet
    return pytest.ExitCode.OK


def page_anew(config):
    """Path of the page, made from the evidence in its folder; raises ReportError or CourseError."""
    folder, kept = report_folder(config), drawings_of(config)
    evidence = refreshed(read(folder / "evidence.json"), read_course(config.rootpath / config.getini("course")))
    drawn = Drawings(drawings.read(kept))
    path = page.write(evidence, folder, config.getoption("language"), drawn, verdicts.read(folder), previous=False)
    drawings.keep(drawn, kept)
    return path
