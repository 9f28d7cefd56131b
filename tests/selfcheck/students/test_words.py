"""Whatever a student is told, on the console or on the page, is there in Chinese."""

import ast
import inspect
import re

import pytest
import torch
from babel.messages.extract import extract_from_dir

from lab.claims.course import read
from lab.report.language.catalogue import catalogue, translated
from lab.students import classroom, grading, pages, process, running, submission, telling
from lab.students.exercises import EXERCISES
from lab.students.judging import Row
from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import graded_here

TASKS = read(ROOT / "tests/course.toml").tasks
KEYWORDS = {"t": None, "tn": (1, 2)}
WORD, CHINESE = re.compile(r"[a-z]{3,}"), re.compile(r"[\u4e00-\u9fff]")
REASONS = ["took more than 10 s of computing", "kept the grader waiting for more than 60 s",
           "took more than 60 s before this task was reached", "printed more than 1,048,576 bytes",
           "ended the process (exit status 0)", "closed the pipe on which it answers",
           "used up its seconds of computing time", "sent something that is no answer",
           "importing adapters.py took more than 10 s of computing"]


def is_chinese(text):
    """Has a text without a single word of English, numbers and names apart, or with Chinese around it?"""
    return not WORD.search(text) or bool(CHINESE.search(translated(text, "zh")))


def sentences(module):
    """Sentences of a module, its own constants filled in, other values as 7."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else getattr(module, getattr(part.value, "id", ""), 7)
                     for part in node.values]
            if isinstance(parts[-1], str) and parts[-1].endswith("."):
                yield "".join(map(str, parts))


def test_each_case_has_its_chinese():
    assert [call.name for exercise in EXERCISES.values() for call in exercise.calls if not is_chinese(call.name)] == []


def test_each_row_has_its_chinese():
    nothing = "".join(f"def {name}(*args, **options):\n    return None\n\n\n" for name in EXERCISES)
    found = graded_here(nothing + "def shuffle_pixels(images, seed):\n    return images\n", TASKS)
    rows = [row for grade in found.values() for row in grade.rows]

    assert len(rows) > 60 and [row.what for row in rows if not is_chinese(row.what)] == []


@pytest.mark.parametrize("text", [
    *[text for module in (classroom, grading, submission) for text in sentences(module)],
    *[f"No answer: the code {reason}." for reason in REASONS],
    *pages.VERDICT,
])
def test_each_remark_has_its_chinese(text):
    assert is_chinese(text)


def test_each_reason_is_one_that_there_is():
    words = set(WORD.findall(" ".join(REASONS))) - {"importing", "exit", "status"}

    assert words <= set(WORD.findall(inspect.getsource(process) + inspect.getsource(running)))


def test_the_pages_have_their_chinese():
    found = extract_from_dir(pages.TEMPLATES, [("**.j2", "jinja2")], keywords=KEYWORDS)
    texts = [text if isinstance(text, str) else text[0] for _, _, text, _, _ in found]

    assert len(texts) > 10
    assert [text for text in texts if not is_chinese(text) and not CHINESE.search(catalogue("zh").ngettext(text, "", 2))
            ] == []


@pytest.mark.parametrize("value, text", [
    (True, "yes"), (0.123456, "0.1235"), ([1, [2.5, 3]], "[1, [2.5, 3]]"), ("x" * 200, "x" * 120 + "…"), (7, "7"),
    (torch.ones(2), "[1, 1]"), (torch.ones(7, 3), "values of the shape [7, 3]")], ids=str)
def test_a_value_is_told_in_a_line(value, text):
    assert telling.shown(value) == text


@pytest.mark.parametrize("language, line", [("en", "seed 3: 7, expected 8"), ("zh", "种子 3：7，应为 8")])
def test_a_row_is_told_in_both_languages(language, line):
    assert telling.row_line(Row("seed 3", 7, 8, False), language) == line
