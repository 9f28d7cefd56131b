"""Is each task proven: by an answer that earns its points, and by wrong ones that lose them, one a misconception?"""

import ast

from lab.students.exercises import EXERCISES

FEWEST = 2  # wrong answers to a task


def unproven(course, folder):
    """Sentences about tasks that lack a check, a stub, a hint, or an answer in folder/solution and folder/wrong.

    Where a course has taken both folders away, to keep answers from students, these are not asked for.
    """
    kept_apart = not any((folder / name).exists() for name in ("solution", "wrong"))
    stubs, answered = _functions([folder / "adapters.py"]), _functions((folder / "solution").glob("*.py"))
    for task in course.tasks:
        if task.adapter not in EXERCISES:
            yield f"task {task.id} has the adapter {task.adapter}, which lab.students.exercises lacks; add its checks."
            continue
        if task.adapter not in stubs:
            yield f"adapters.py has no {task.adapter}, which task {task.id} asks for; add its stub."
        for slug in sorted(set(EXERCISES[task.adapter].hints) ^ {hint.slug for hint in task.hints}):
            yield f"task {task.id}: {slug} is a hint in course.toml or in its checks only; add it to both."
        if not kept_apart:
            yield from _unanswered(task, folder, answered)


def wrong_answers(folder, adapter):
    """{slug of a misconception: file} of the wrong answers to a task."""
    return {path.stem.replace("_", "-"): path for path in sorted((folder / "wrong" / adapter).glob("*.py"))}


def _unanswered(task, folder, answered):
    wrong = wrong_answers(folder, task.adapter)
    if task.adapter not in answered:
        yield f"task {task.id} has no solution; add {task.adapter} to tests/students/solution."
    if len(wrong) < FEWEST:
        yield f"task {task.id} has fewer than {FEWEST} wrong answers; add some to tests/students/wrong/{task.adapter}."
    for slug in sorted(set(wrong) ^ {hint.slug for hint in task.hints}):
        yield f"task {task.id}: {slug} is a hint or a wrong answer only; add the other, under the same name."
    for slug, path in wrong.items():
        if task.adapter not in _functions([path]):
            yield f"task {task.id}: the wrong answer {slug} has no function {task.adapter}; add it."


def _functions(paths):
    trees = [ast.parse(path.read_bytes(), str(path)) for path in paths if path.exists()]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
