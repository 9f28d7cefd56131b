"""From a submission to the grade of each task: what was right, what the points are, and which hint there is to give."""

import math
import time
from dataclasses import dataclass, field

from lab.claims.course import Hint, Task
from lab.students.exercises import EXERCISES
from lab.students.judging import error_of
from lab.students.process import hear
from lab.students.submission import opened, sentence_of

FULL, PARTIAL, WRONG, ABSENT, BROKEN = "full", "partial", "wrong", "not handed in", "BROKEN"


@dataclass(frozen=True)
class Grade:
    """Of one task. A BROKEN one has no score: the fault is the harness's, and `remark` says which."""

    task: Task
    word: str
    score: float | None = 0.0
    rows: tuple = ()
    hint: Hint | None = None
    remark: str = ""  # a sentence, where there is something to say beside the hint


@dataclass(frozen=True)
class Graded:
    """Of one submission: the grades in the order of the tasks, and sentences about the submission as a whole."""

    grades: tuple
    remarks: tuple = ()
    protections: dict = field(default_factory=dict)
    printed: str = ""
    seconds: float = 0.0

    @property
    def score(self):
        """Points; those of a BROKEN task are not in it."""
        return round(sum(grade.score or 0.0 for grade in self.grades), 2)

    @property
    def most(self):
        """Points that could be had; a BROKEN task has none."""
        return sum(grade.task.points for grade in self.grades if grade.word != BROKEN)


def graded(path, tasks):
    """Graded: what `path`, a folder, a zip or a file, earns in these tasks.

    Raises submission.BadSubmission where there is nothing to grade.
    """
    began = time.monotonic()
    with opened(path, [task.adapter for task in tasks]) as (folder, remarks):
        heard = hear(folder, [request(task) for task in tasks])
    grades = tuple(judged(task, heard) for task in tasks)
    remarks += [
        f"{name} is not installed here: what needs it was not run; use torch and Python's own modules."
        for name in heard.absent
    ]
    if heard.unread:
        remarks.append(sentence_of(heard.unread))
    return Graded(grades, tuple(remarks), heard.protections, heard.printed, time.monotonic() - began)


def ungraded(tasks, remark):
    """Graded with nothing handed in, and why."""
    return Graded(tuple(Grade(task, ABSENT) for task in tasks), (remark,))


def request(task):
    """What the child is asked for a task."""
    calls = EXERCISES[task.adapter].calls
    asked = [
        {"adapter": task.adapter, "arguments": list(one.arguments), "options": one.options, "images": one.images}
        for one in calls
    ]
    return {"task": task.id, "calls": asked}


def judged(task, heard):
    """The Grade of a task, from what came of the submission."""
    if heard.broken and task.id not in {**heard.answers, **heard.lost}:
        return Grade(task, BROKEN, None, remark=f"The grader failed, which is not your fault: {heard.broken}")
    if heard.unread:
        return Grade(task, WRONG)  # said once, of the submission as a whole
    if task.id in heard.lost:
        return Grade(task, WRONG, remark=f"No answer: the code {heard.lost[task.id]}.")
    answers = heard.answers[task.id]
    if all("missing" in answer for answer in answers):
        return Grade(task, ABSENT)
    try:
        rows, share, slug = EXERCISES[task.adapter].judge(answers)
    except Exception as error:  # ours: what they sent is read by judges that expect anything
        remark = (
            f"The grader failed, which is not your fault: {type(error).__name__} in judging {task.adapter}: {error}"
        )
        return Grade(task, BROKEN, None, remark=remark)
    score = math.floor(100 * task.points * share) / 100
    word = FULL if share == 1 else PARTIAL if share else WRONG
    hint = next((hint for hint in task.hints if hint.slug == slug), None)
    error = next(filter(None, map(error_of, answers)), "")
    return Grade(task, word, score, tuple(rows), hint, f"{error}." if error and not hint else "")
