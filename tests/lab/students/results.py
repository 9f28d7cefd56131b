"""results.json as the platforms document it; a BROKEN task has no score in any of them."""

import os
from datetime import datetime, timezone

from lab.report.language.catalogue import translated
from lab.students.grading import BROKEN, FULL
from lab.students.telling import lines, word


def gradescope(graded, language="en"):
    """Gradescope's: gradescope-autograders.readthedocs.io/en/latest/specs."""
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


def prairielearn(graded, language="en"):
    """PrairieLearn's: its docs/externalGrading.md. With a task BROKEN nothing is gradable, and no try is used up."""
    faults = [grade.remark for grade in graded.grades if grade.word == BROKEN]
    told = {"output": graded.printed, "message": "\n".join(graded_lines(graded, language))}
    if faults:
        return {"gradable": False, "format_errors": faults, **told}
    tests = [
        {
            "name": title(grade),
            "description": word(grade, language),
            "points": grade.score,
            "max_points": grade.task.points,
            "message": "\n".join(lines(grade, language)),
        }
        for grade in graded.grades
    ]
    return {"gradable": True, "score": graded.score / graded.most, "tests": tests, **told}


PLACE = {  # of Classroom 50's result: by the variable in which its runner tells it
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def classroom50(graded, language="en"):
    """Classroom 50's result.json: the wiki of foundation50/classroom50, Advanced Autograding.

    Its scores are whole numbers: hundredths of a point.
    """
    tests = [
        {
            "test-name": title(grade),
            "passed": grade.word == FULL,
            "score": round(100 * grade.score),
            "max-score": 100 * grade.task.points,
            "output": "\n".join([word(grade, language), *lines(grade, language)]),
        }
        for grade in graded.grades
        if grade.word != BROKEN
    ]
    return {
        "schema": "classroom50/result/v1",
        **{name: os.environ.get(variable, "") for name, variable in PLACE.items()},
        "datetime": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


FORMATS = {  # by the value of --grade-format: the file's name, and what it holds
    "gradescope": ("results.json", gradescope),
    "prairielearn": ("results.json", prairielearn),
    "classroom50": ("result.json", classroom50),
}
