"""A grade as it is kept, so that a submission that has not changed is not graded again."""

import hashlib
import json
from pathlib import Path

import torch

import lab
from lab.students.grading import BROKEN, Grade, Graded
from lab.students.judging import Row
from lab.students.telling import shown

NAME = "graded.json"
CHECKS = ("students", "models", "counting", "data")  # packages that decide what a grade is


def checks_key(tasks):
    """A text that changes with the checks, with the tasks, or with torch."""
    files = [path for name in CHECKS for path in sorted((Path(lab.__file__).parent / name).rglob("*.py"))]
    parts = [torch.__version__, repr(tasks), *(path.read_text(encoding="utf-8") for path in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def submission_key(path, checks):
    """A text that changes with any byte or name in the submission, or with the checks."""
    digest = hashlib.sha256(checks.encode())
    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if one.is_file() and not one.is_symlink():
            digest.update(f"\0{one.relative_to(path.parent)}\0".encode(errors="surrogateescape"))
            digest.update(hashlib.sha256(one.read_bytes()).digest())
    return digest.hexdigest()


def as_text(graded, key):
    """JSON of a Graded, its rows in words."""
    grades = [
        {
            "task": grade.task.id,
            "word": grade.word,
            "score": grade.score,
            "hint": grade.hint.slug if grade.hint else "",
            "remark": grade.remark,
            "rows": [[row.what, shown(row.value), shown(row.expected), row.right] for row in grade.rows],
        }
        for grade in graded.grades
    ]
    told = {"remarks": graded.remarks, "protections": graded.protections, "printed": graded.printed}
    return json.dumps({"key": key, "grades": grades, "seconds": graded.seconds, **told}, ensure_ascii=False)


def read(folder, key, tasks):
    """The Graded that is kept in `folder` under this key, None where there is none; a BROKEN one is none."""
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if told["key"] != key or any(one["word"] == BROKEN for one in told["grades"]):
            return None
        grades = tuple(_grade(task, one) for task, one in zip(tasks, told["grades"], strict=True))
        return Graded(grades, tuple(told["remarks"]), told["protections"], told["printed"], told["seconds"])
    except (OSError, ValueError, KeyError, TypeError):  # none, or half of one
        return None


def _grade(task, told):
    hint = next((hint for hint in task.hints if hint.slug == told["hint"]), None)
    rows = tuple(Row(*row) for row in told["rows"])
    return Grade(task, told["word"], told["score"], rows, hint, told["remark"])
