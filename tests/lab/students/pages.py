"""The page that a student gets, and the one about the class; both without our own answers, and in both languages."""

from collections import Counter
from pathlib import Path

from lab.report import page
from lab.students.grading import ABSENT, BROKEN, FULL, PARTIAL, WRONG
from lab.students.telling import shown

TEMPLATES = Path(__file__).with_name("templates")
VERDICT = {FULL: "confirmed", PARTIAL: "corrected", WRONG: "refuted", ABSENT: "undecided", BROKEN: "not-reproduced"}


def submission_page(graded, course, language):
    """HTML text: each task with its hint and with what was looked at."""
    grades = [(grade, course[grade.task.statement]) for grade in graded.grades]
    return _page("submission", "Your answers, task by task", language, graded=graded, grades=grades)


def class_page(students, tasks, language, named=False):
    """HTML text: how often each misconception is met; students: {name: Graded}, told by name only where asked for."""
    all_grades = [(name, grade) for name, graded in students.items() for grade in graded.grades]
    rows = []
    for task in tasks:
        own = [grade for _, grade in all_grades if grade.task.id == task.id]
        scores = [grade.score for grade in own if grade.score is not None]
        mean = sum(scores) / max(1, len(scores))
        rows.append({"task": task, "mean": mean, "counts": Counter(grade.word for grade in own)})
    held = {}
    for name, grade in all_grades:
        if grade.hint:
            row = held.setdefault((grade.task.id, grade.hint.slug), {"task": grade.task, "hint": grade.hint})
            row.setdefault("students", []).append(name)
    hints = sorted(held.values(), key=lambda row: -len(row["students"]))
    words = [FULL, PARTIAL, WRONG, ABSENT, BROKEN]
    title, count = "The class, task by task", len(students)
    return _page("class", title, language, tasks=rows, hints=hints, words=words, named=named, count=count)


def _page(name, title, language, **values):
    template = "".join((TEMPLATES / f"{part}.html.j2").read_text(encoding="utf-8") for part in ("frame", name))
    return page.document(template, language, title=title, shown=shown, VERDICT=VERDICT, **values)
