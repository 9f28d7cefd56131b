"""grades.csv: one row a student; in the form of Canvas where an exported gradebook is given."""

import csv
import io
import re

from lab.errors import LabError
from lab.report.table import cell
from lab.students.grading import BROKEN

OWN = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")  # Canvas's own columns, which an import needs
POSSIBLE = "Points Possible"
DOWNLOADED = re.compile(r"[^_]+(?:_LATE)?_(\d+)_\d+_.*")  # a file of Canvas's "Download Submissions", with the ID


class BadGradebook(LabError):
    """A gradebook that can't be read or fitted; the message is one sentence with the remedy."""


def table(students, tasks):
    """CSV text: {name: Graded} by task, and in all."""
    head = ["student", *(f"{task.id} {task.adapter}" for task in tasks), "points", "of"]
    rows = [
        [name, *(BROKEN if grade.score is None else grade.score for grade in graded.grades), graded.score, graded.most]
        for name, graded in students.items()
    ]
    return _written([head, *rows])


def fitted(students, text, assignment):
    """(CSV text for Canvas's import, names that no row of the gradebook fits).

    text: of the exported gradebook; assignment: the column that takes the points, added where there is none. Students
    without a submission keep what they have. Raises BadGradebook.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    head = rows[0] if rows else []
    missing = [name for name in ("Student", "ID", "Section") if name not in head]
    if missing:
        raise BadGradebook(f"The gradebook has no column {missing[0]}: export it from Canvas, and give it as it is.")
    kept = [name for name in OWN if name in head]
    places, own = [head.index(name) for name in kept], head.index(assignment) if assignment in head else None
    left, out = dict(students), [[*kept, assignment]]
    for row in rows[1:]:
        row = row + [""] * (len(head) - len(row))
        before = row[own] if own is not None else ""
        if POSSIBLE in row[head.index("Student")]:
            before = before or str(max((graded.most for graded in students.values()), default=""))
        known = {row[place].strip().lower() for place in places[:4]} - {""}
        name = next((name for name in left if _keys(name) & known), None)
        points = _points(left.pop(name)) if name else before
        out.append([*(row[place] for place in places), points])
    return _written(out), list(left)


def _points(graded):
    """Where the grader failed no points are written, so that nobody takes them for a zero."""
    return "" if any(grade.word == BROKEN for grade in graded.grades) else graded.score


def _keys(name):
    """By what a submission's name may be found: as it is, or by the ID in the name that Canvas gave it."""
    found = DOWNLOADED.fullmatch(name)
    return {name.strip().lower(), *([found[1]] if found else ())}


def _written(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()  # the byte order mark, by which spreadsheets know UTF-8
