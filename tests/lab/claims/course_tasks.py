"""What may not be so in the tasks for students, each with its remedy."""

import re
from collections import Counter

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")  # Gradescope's words
ID, SLUG = re.compile(r"[A-Za-z]\w*(\.\w+)*"), re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def task_contradictions(course):
    """Sentences about tasks and their hints that can't be so."""
    slugs = {statement.slug for statement in course.statements}
    for task in course.tasks:
        yield from _wrong_words(task)
        if task.statement not in slugs:
            yield f"task {task.id} is about {task.statement!r}, which no statement has as its slug; correct it."
        for slug in _doubles(hint.slug for hint in task.hints):
            yield f"task {task.id} has the hint {slug} twice; make the two one, or rename one."
    for name in ("id", "adapter"):
        for value in _doubles(getattr(task, name) for task in course.tasks):
            yield f"two tasks have the {name} {value}; rename one."


def _wrong_words(task):
    if not ID.fullmatch(task.id):
        yield f"task {task.id} has an id that pytest -m can't take; use letters, digits and dots, as in E8.2."
    if not task.adapter.isidentifier():
        yield f"task {task.id} has the adapter {task.adapter!r}; write the name of a Python function."
    if task.points < 1:
        yield f"task {task.id} has {task.points} points; write 1 or more."
    if task.visibility not in VISIBILITIES:
        yield f"task {task.id} has the visibility {task.visibility!r}; use one of {', '.join(VISIBILITIES)}."
    for hint in task.hints:
        if not SLUG.fullmatch(hint.slug):
            yield f"task {task.id} has the hint {hint.slug!r}; use small letters, digits and dashes, as a file's name."


def _doubles(names):
    return [name for name, count in Counter(names).items() if count > 1]
