"""pytest --grade=SUBMISSIONS: a row and a results file each, in each platform's form; resumed; the class page."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest
from jsonschema import ValidationError, validate

from lab.claims.course import read
from lab.students import class_plugin, kept, results
from lab.students.autograder import build
from lab.students.classroom import entries, grade_all
from lab.students.gradebook import BadGradebook, fitted, table
from lab.students.grading import Grade, Graded
from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import TASKS, graded_here, solved, written

COURSE = read(ROOT / "tests/course.toml")
CHOSEN = [TASKS[name] for name in ("batches_in_epoch", "lenet")]
RIGHT = "def batches_in_epoch(samples, batch_size, drop_last=False):\n    return -(-samples // batch_size)\n"
PRAIRIELEARN = {  # PrairieLearn's docs/externalGrading.md, Grading results
    "type": "object",
    "properties": {
        "gradable": {"type": "boolean"}, "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": {"type": "string"}, "output": {"type": "string"},
        "format_errors": {"type": ["string", "array"], "items": {"type": "string"}},
        "tests": {"type": "array", "items": {
            "type": "object", "required": ["name", "points", "max_points"],
            "properties": {"name": {"type": "string"}, "description": {"type": "string"}, "points": {"type": "number"},
                           "max_points": {"type": "number"}, "message": {"type": "string"}}}},
    },
    "if": {"properties": {"gradable": {"const": True}}}, "then": {"required": ["score"]},
}
CLASSROOM50 = {  # foundation50/classroom50, wiki, Advanced Autograding, the result.json contract
    "type": "object",
    "required": ["schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime", "score",
                 "max-score", "tests"],
    "properties": {
        "schema": {"const": "classroom50/result/v1"}, "score": {"type": "integer"}, "max-score": {"type": "integer"},
        "datetime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}, "classroom": {"type": "string"},
        "tests": {"type": "array", "items": {
            "required": ["test-name", "passed", "score", "max-score"],
            "properties": {"test-name": {"type": "string"}, "passed": {"type": "boolean"},
                           "score": {"type": "integer"}, "max-score": {"type": "integer"}}}},
    },
}


@pytest.fixture(scope="module")
def graded():
    """1.5 of 2 points, and nothing for a task that was not handed in."""
    return Graded(tuple(graded_here(RIGHT, CHOSEN).values()))


@pytest.fixture
def broken(graded):
    """The same with a task on which the grader failed."""
    return Graded((graded.grades[0], Grade(CHOSEN[1], "BROKEN", None, remark="The grader failed.")))


def test_prairielearn_takes_a_share_of_the_points(graded, broken):
    told = results.prairielearn(graded)
    validate(told, PRAIRIELEARN)
    validate(results.prairielearn(broken), PRAIRIELEARN)
    with pytest.raises(ValidationError):
        validate({"gradable": True}, PRAIRIELEARN)

    assert told["score"] == 1.5 / 5 and [test["points"] for test in told["tests"]] == [1.5, 0]
    assert results.prairielearn(broken)["gradable"] is False


def test_classroom_50_takes_whole_numbers(graded, broken, monkeypatch):
    monkeypatch.setenv("CLASSROOM", "cnn-2026")
    told = results.classroom50(graded)
    validate(told, CLASSROOM50)
    validate(results.classroom50(broken), CLASSROOM50)

    assert (told["classroom"], told["score"], told["max-score"]) == ("cnn-2026", 150, 500)
    assert results.classroom50(broken)["max-score"] == 200


def test_gradescope_gets_no_score_where_the_grader_failed(broken):
    assert ["score" in test for test in results.gradescope(broken)["tests"]] == [True, False]


EXPORTED = ("Student,ID,SIS User ID,SIS Login ID,Section,CNN (7)\n    Points Possible,,,,,5\n"
            '"Li, Lei",11,s11,lilei,A,\n"Han, Meimei",12,s12,hanmeimei,A,3\n"Wang, Wu",13,s13,wangwu,A,\n')


def rows(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_grades_fit_an_exported_gradebook(graded, broken):
    names = {"LILEI": graded, "wangwu_LATE_13_998_adapters": broken, "nobody": graded}
    text, unknown = fitted(names, EXPORTED, "CNN (7)")

    assert unknown == ["nobody"] and rows(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "CNN (7)"],
        ["    Points Possible", "", "", "", "", "5"],
        ["Li, Lei", "11", "s11", "lilei", "A", "1.5"], ["Han, Meimei", "12", "s12", "hanmeimei", "A", "3"],
        ["Wang, Wu", "13", "s13", "wangwu", "A", ""]]


def test_a_new_column_gets_the_points_possible(graded):
    text, _ = fitted({"12": graded}, EXPORTED, "CNN exercises")

    assert [row[-1] for row in rows(text)] == ["CNN exercises", "5", "", "1.5", ""]


@pytest.mark.parametrize("text", ["", "Name,Points\nLi,3\n"], ids=["empty", "another table"])
def test_what_is_no_gradebook_is_told(text):
    with pytest.raises(BadGradebook, match="The gradebook has no column Student: export it from Canvas"):
        fitted({}, text, "CNN")


def test_a_broken_task_is_no_zero_in_the_table(broken):
    assert rows(table({"=cmd()": broken}, CHOSEN))[1] == ["'=cmd()", "1.5", "BROKEN", "1.5", "2"]


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """A folder of three: a solution, a zip with one answer, one with a syntax error; and a stray file."""
    folder = tmp_path_factory.mktemp("class")
    solved(folder).rename(folder / "lilei")
    written(folder, "def lenet(:\n").rename(folder / "韩梅梅")
    with zipfile.ZipFile(folder / "wangwu.zip", "w") as archive:
        archive.writestr("adapters.py", RIGHT)
    (folder / "notes.txt").write_text("to do")
    return folder


@pytest.fixture(scope="module")
def run(runs, submissions, tmp_path_factory):
    """(exit status, console, folder of the results) of a class."""
    folder = tmp_path_factory.mktemp("grades")
    status, _ = runs.run(folder, f"--grade={submissions}", f"--report-dir={folder}", project=ROOT)
    return status, (folder / "terminal.txt").read_text(encoding="utf-8"), folder


def test_a_class_is_graded_with_progress(run):
    status, console, folder = run
    grades = rows((folder / "grades.csv").read_text(encoding="utf-8"))

    assert status == 0 and "3 of 3: " in console and "left out: notes.txt" in console
    assert [(row[0], *row[-2:]) for row in grades] == [
        ("student", "points", "of"),
        ("lilei", "51.0", "51"), ("wangwu", "1.5", "51"), ("韩梅梅", "0.0", "51")]
    assert "adapters.py, line 1 is no Python" in (folder / "韩梅梅/results.json").read_text(encoding="utf-8")
    assert (folder / "lilei/index.html").exists()
    assert "韩梅梅" not in (folder / "index.html").read_text(encoding="utf-8")


def test_what_was_graded_is_graded_again_only_if_it_changed(run, submissions):
    found, _ = entries(submissions)
    chosen = {name: found[name] for name in ("wangwu", "韩梅梅")}
    before = {name: kept for name, _, kept in grade_all(chosen, COURSE, run[2], 1)}
    (submissions / "韩梅梅/adapters.py").write_text(RIGHT)
    after = {name: (graded.score, kept) for name, graded, kept in grade_all(chosen, COURSE, run[2], 1)}

    assert before == {"wangwu": True, "韩梅梅": True}
    assert after == {"wangwu": (1.5, True), "韩梅梅": (1.5, False)}


def test_an_interrupted_run_says_how_to_go_on(submissions, pytestconfig, monkeypatch, capsys, tmp_path):
    def interrupted(*told):
        raise KeyboardInterrupt
        yield
    monkeypatch.setattr(class_plugin, "grade_all", interrupted)
    monkeypatch.setattr(pytestconfig.option, "grade", submissions)
    monkeypatch.setattr(pytestconfig.option, "report_dir", tmp_path)
    status = class_plugin.pytest_cmdline_main(pytestconfig)

    assert status == pytest.ExitCode.INTERRUPTED
    assert "what has been graded is kept; the same command goes on" in capsys.readouterr().out


@pytest.mark.parametrize("content, sentence", [
    pytest.param(None, "book.csv can't be read (", id="absent"),
    pytest.param("学生,ID\n".encode("gbk"), "book.csv can't be read (", id="GBK"),
    pytest.param(b"Name,Points\n", "The gradebook has no column Student", id="another table"),
])
def test_a_bad_gradebook_is_told_before_any_grading(
        content, sentence, submissions, pytestconfig, monkeypatch, tmp_path):
    if content:
        (tmp_path / "book.csv").write_bytes(content)
    options = {"grade": submissions, "report_dir": tmp_path, "gradebook": tmp_path / "book.csv"}
    for name, value in options.items():
        monkeypatch.setattr(pytestconfig.option, name, value)
    monkeypatch.setattr(class_plugin, "grade_all", None)

    with pytest.raises(pytest.UsageError, match=re.escape(sentence)):
        class_plugin.pytest_cmdline_main(pytestconfig)


def test_a_submission_that_cannot_be_read_stops_no_other(tmp_path, monkeypatch):
    def unreadable(path, checks):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr(kept, "submission_key", unreadable)
    [(_, graded, _)] = grade_all({"li": tmp_path / "li.py"}, COURSE, tmp_path / "grades", 1)

    assert graded.score == 0 and graded.remarks == ("li.py can't be read (Permission denied): hand it in anew.",)


@pytest.mark.parametrize("name, sentence", [
    pytest.param("absent", "--grade: there is no folder", id="no folder"),
    pytest.param(".", "holds no folder, zip or .py file: give one entry a student", id="nothing in it"),
])
def test_where_there_is_no_class_a_sentence_says_so(name, sentence, runs, tmp_path):
    (tmp_path / "empty").mkdir()
    status, _ = runs.run(tmp_path, f"--grade={tmp_path / 'empty' / name}", project=ROOT)

    assert status == 4 and sentence in (tmp_path / "terminal.txt").read_text(encoding="utf-8")


def test_gradescopes_zip_grades_without_any_answers(tmp_path):
    names = build(ROOT, tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in ("setup.sh", "run_autograder")}
    command = [sys.executable, "-m", "pytest", "-q", f"--submission={solved(tmp_path)}", "-m", "task_E4_1",
               f"--report-dir={tmp_path}"]
    subprocess.run(command, cwd=tmp_path / "source", check=True, timeout=150, env={"PATH": os.environ["PATH"]})
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))

    for script in modes:
        subprocess.run(["bash", "-n", tmp_path / "source" / script], check=True)

    assert modes == {"setup.sh": 0o755, "run_autograder": 0o755}
    assert not any(part in name for name in names for part in ("solution", "wrong", "selfcheck"))
    assert [test["score"] for test in told["tests"]] == [2]
