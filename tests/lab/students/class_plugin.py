"""pytest plugin: --grade=SUBMISSIONS grades a class, --autograder=FILE builds Gradescope's zip; both run no test."""

import sys
import time
from pathlib import Path

import pytest

from lab.claims.course import CourseError, read
from lab.errors import LabError
from lab.execution.processes import available_cores
from lab.report.files import check_writable, replace_files
from lab.students import autograder
from lab.students.classroom import entries, grade_all
from lab.students.gradebook import BadGradebook, fitted, table
from lab.students.pages import class_page
from lab.students.proofs import unproven


def pytest_addoption(parser):
    """What an instructor asks for."""
    group = parser.getgroup("students")
    group.addoption(
        "--grade", type=Path, metavar="DIR", help="grade the submissions in this folder, one entry a student"
    )
    group.addoption("--gradebook", type=Path, metavar="FILE", help="with --grade: fit grades.csv to this Canvas export")
    group.addoption(
        "--assignment",
        default="CNN exercises",
        help="with --gradebook: its column that takes the points (default: CNN exercises)",
    )
    group.addoption("--names", action="store_true", help="with --grade: name the students on the class page")
    group.addoption("--autograder", type=Path, metavar="FILE", help="write Gradescope's autograder to this zip")


def pytest_cmdline_main(config):
    """Grade or build instead of running tests."""
    submissions, archive = config.getoption("grade"), config.getoption("autograder")
    if not submissions and not archive:
        return None
    try:
        course = read(config.rootpath / config.getini("course"))
        problems = list(unproven(course, course.path.parent / "students"))
        if problems:
            raise pytest.UsageError(*problems)
        if archive:
            language = "zh" if config.getoption("language") == "zh" else "en"
            autograder.build(config.rootpath, archive, language)
            _tell(f"autograder: {archive}")
        if submissions:
            return _grade_class(config, course, submissions)
    except (CourseError, LabError, OSError) as error:
        raise pytest.UsageError(str(error)) from error
    return pytest.ExitCode.OK


def _grade_class(config, course, submissions):
    """Exit status: an internal error where the grader failed on a submission."""
    if not submissions.is_dir():
        raise pytest.UsageError(f"--grade: there is no folder {str(submissions)!r}: give the one with the submissions.")
    found, others = entries(submissions)
    if not found:
        raise pytest.UsageError(f"--grade: {submissions} holds no folder, zip or .py file: give one entry a student.")
    folder = config.getoption("report_dir") or config.rootpath / "reports" / "grades"
    check_writable(folder)
    for name in others:
        _tell(f"left out: {name} is neither a folder nor a zip nor a .py file")
    book = _gradebook(config)
    language = config.getoption("language")
    try:
        students = _graded(config, course, found, folder, "zh" if language == "zh" else "en")
    except KeyboardInterrupt:
        _tell("interrupted: what has been graded is kept; the same command goes on from there")
        return pytest.ExitCode.INTERRUPTED
    texts = {"index.html": class_page(students, course.tasks, language, config.getoption("names"))}
    texts["grades.csv"] = _fitted(config, students, book) if book else table(students, course.tasks)
    replace_files(folder, texts)
    _tell(f"class: {folder / 'index.html'}, grades: {folder / 'grades.csv'}")
    broken = [name for name, one in students.items() if any(grade.score is None for grade in one.grades)]
    if broken:
        _tell(f"the grader failed on {', '.join(broken)}: they have no score; run it again")
    return pytest.ExitCode.INTERNAL_ERROR if broken else pytest.ExitCode.OK


def _graded(config, course, found, folder, language):
    """{name: Graded} in the order of the names, told one by one."""
    began, students, fresh = time.monotonic(), {}, 0
    workers, form = available_cores(), config.getoption("grade_format")
    for name, graded, before in grade_all(found, course, folder, workers, form, language):
        students[name], fresh = graded, fresh + (not before)
        left = len(found) - len(students)
        pace = (time.monotonic() - began) / max(1, fresh)
        told = "as before" if before else f"{graded.seconds:.1f} s"
        rest = f"; about {left * pace:.0f} s left" if left else ""
        _tell(f"{len(students)} of {len(found)}: {name} {graded.score:g} of {graded.most}, {told}{rest}")
    return {name: students[name] for name in sorted(students)}


def _gradebook(config):
    """Text of the gradebook that is to be fitted, "" where there is none; a bad one is told before any grading."""
    path = config.getoption("gradebook")
    if not path:
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadGradebook(f"--gradebook: {path} can't be read ({error}): export it from Canvas anew.") from error
    fitted({}, text, config.getoption("assignment"))
    return text


def _fitted(config, students, book):
    text, unknown = fitted(students, book, config.getoption("assignment"))
    for name in unknown:
        _tell(f"{name} is in no row of the gradebook: rename the submission to the student's login, ID or name")
    return text


def _tell(line):
    sys.stdout.write(line + "\n")  # before configuration, pytest has no terminal writer yet
    sys.stdout.flush()
