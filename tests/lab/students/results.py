"""results.json as the platforms document it."""

from lab.report.language.catalogue import translated
from lab.students.grading import BROKEN, FULL
from lab.students.telling import lines, word


def gradescope(graded, language="en"):
    """Gradescope's: gradescope-autograders.readthedocs.io/en/latest/specs. A BROKEN task has no score."""
    return {
        "output": "\n".join(graded_lines(graded, language)),
        "execution_time": round(graded.seconds),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_gradescope_test(number, grade, language) for number, grade in enumerate(graded.grades, 1)],
        "extra_data": {"hints": {grade.task.id: grade.hint.slug for grade in graded.grades if grade.hint}},
    }


def graded_lines(graded, language):
    """Sentences about the submission as a whole."""
    return [translated(remark, language) for remark in graded.remarks]


def title(grade):
    """A task's name on every platform."""
    return f"{grade.task.id} {grade.task.adapter}"


def _gradescope_test(number, grade, language):
    scored = {} if grade.word == BROKEN else {"score": grade.score, "max_score": grade.task.points}
    return {
        **scored,
        "status": "passed" if grade.word == FULL else "failed",
        "name": title(grade),
        "number": str(number),
        "output": "\n".join([word(grade, language), *lines(grade, language)]),
        "output_format": "text",
        "visibility": grade.task.visibility,
    }
