"""pytest plugin: --submission=DIR judges a student's own code, one item a task, instead of the claims."""

from pathlib import Path

import pytest

from lab.claims.collection import COURSE
from lab.report.files import ReportError, check_writable, replace_files
from lab.report.language.catalogue import translated
from lab.report.page import as_json
from lab.students import results
from lab.students.grading import ABSENT, BROKEN, FULL, PARTIAL, graded, ungraded
from lab.students.pages import submission_page
from lab.students.proofs import unproven
from lab.students.submission import BadSubmission
from lab.students.telling import lines, word

GRADED = pytest.StashKey()  # lab.students.grading.Graded of the selected tasks
GRADE = pytest.StashKey()  # of an item
LETTERS = {FULL: (".", "green"), PARTIAL: ("p", "yellow"), ABSENT: ("-", "yellow"), BROKEN: ("B", "red")}


def pytest_addoption(parser):
    """Where the student's code is."""
    group = parser.getgroup("students")
    group.addoption(
        "--submission",
        type=Path,
        metavar="DIR",
        help="judge the student's code in this folder (or zip) instead of the lecture's claims; -m task_E8_2: one task",
    )
    group.addoption(
        "--grade-format",
        choices=results.FORMATS,
        default="gradescope",
        help="the platform whose form the results take (default: gradescope)",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Every task has a mark; with --submission the tasks are what is collected."""
    course = config.stash[COURSE]
    for task in course.tasks:
        config.addinivalue_line("markers", f"{task.mark}: the student's {task.adapter}, with --submission")
    if not config.getoption("submission"):
        return
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--submission runs one child process: leave -n out.")
    problems = list(unproven(course, stub(config).parent))
    if problems:
        raise pytest.UsageError(*problems)
    try:
        check_writable(folder(config))
    except ReportError as error:
        raise pytest.UsageError(str(error)) from error
    config.args, config.args_source = [str(stub(config))], config.ArgsSource.TESTPATHS
    config.option.tbstyle = "no"  # the summary below says it in the student's words
    config.pluginmanager.get_plugin("terminalreporter").reportchars = ""


def stub(config):
    """The file that students copy."""
    return config.stash[COURSE].path.parent / "students" / "adapters.py"


def folder(config):
    """Where page and results.json of a submission go, beside the lecture's own page."""
    return config.getoption("report_dir") or config.rootpath / "reports" / "submission"


def language(config):
    """Of the console and of results.json: English unless Chinese is asked for."""
    return "zh" if config.getoption("language") == "zh" else "en"


def pytest_pycollect_makemodule(module_path, parent):
    """In the place of the stub stand the tasks."""
    asked = parent.config.getoption("submission") and module_path == stub(parent.config)
    return Tasks.from_parent(parent, path=module_path) if asked else None


class Tasks(pytest.File):
    """The tasks of course.toml, in their order."""

    def collect(self):
        """One item a task."""
        for task in self.config.stash[COURSE].tasks:
            yield TaskItem.from_parent(self, name=task.id, task=task)


class TaskItem(pytest.Item):
    """A task of the submission: passes where it is full, is skipped where nothing was handed in."""

    def __init__(self, *, task, **options):
        super().__init__(**options)
        self.task = task
        self.add_marker(task.mark)

    def runtest(self):
        """The first item has the child asked for all that are selected."""
        config = self.config
        if GRADED not in config.stash:
            tasks = [item.task for item in self.session.items if isinstance(item, TaskItem)]
            try:
                config.stash[GRADED] = graded(config.getoption("submission"), tasks)
            except BadSubmission as error:
                config.stash[GRADED] = ungraded(tasks, str(error))
        grade = next(one for one in config.stash[GRADED].grades if one.task is self.task)
        self.stash[GRADE] = grade
        if grade.word == ABSENT:
            pytest.skip(f"{self.task.adapter} is as in the stub")
        if grade.word != FULL:
            pytest.fail("\n".join(lines(grade, language(config))) or grade.word, pytrace=False)

    def reportinfo(self):
        """The stub, and the task's name."""
        return self.path, None, f"{self.task.id} {self.task.adapter}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """The grade's word goes with the report."""
    report = yield
    if GRADE in item.stash and call.when == "call":
        report.user_properties.append(("grade", item.stash[GRADE].word))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report):
    """The grade's word in the place of pytest's; its category, and with it the exit status, stays."""
    said = dict(getattr(report, "user_properties", ())).get("grade")
    if said is None or report.when != "call":
        return None
    letter, colour = LETTERS.get(said, ("F", "red"))
    return report.outcome, letter, (said, {colour: True})


def pytest_sessionfinish(session):
    """The page, and results.json beside it, whatever came of the submission."""
    config = session.config
    if GRADED in config.stash:
        found = config.stash[GRADED]
        page = submission_page(found, config.stash[COURSE], config.getoption("language"))
        name, form = results.FORMATS[config.getoption("grade_format")]
        replace_files(folder(config), {"index.html": page, name: as_json(form(found, language(config)))})


def pytest_terminal_summary(terminalreporter, config):
    """Task by task: points, word, and what there is to say."""
    if GRADED not in config.stash:
        return
    found, spoken = config.stash[GRADED], language(config)
    terminalreporter.section(f"{found.score:g} of {found.most} points")
    for grade in found.grades:
        points = "–" if grade.score is None else f"{grade.score:g}"
        _, colour = LETTERS.get(grade.word, ("F", "red"))
        start = f"{grade.task.id:6} {grade.task.adapter:22} {points:>5} / {grade.task.points}  "
        terminalreporter.write(start)
        terminalreporter.write(word(grade, spoken) + "\n", **{colour: True})
        for line in lines(grade, spoken):
            terminalreporter.write_line(f"       {line}")
    for line in dict.fromkeys(results.graded_lines(found, spoken)):
        terminalreporter.write_line(line, yellow=True)
    name, _ = results.FORMATS[config.getoption("grade_format")]
    missing = [what for what, held in found.protections.items() if not held]
    if missing:
        told = translated(f"not kept apart on this system: {', '.join(missing)}", spoken)
        terminalreporter.write_line(told, yellow=True)
    terminalreporter.write_line(f"report: {folder(config) / 'index.html'}, and {name} beside it")
