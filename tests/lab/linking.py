"""Statements and tests, linked both ways: no test without a statement, no statement without a test."""

import ast
import inspect
from pathlib import Path


def claims_in(folder):
    """Tests by slug, {slug: {(path, function name)}}, found by reading the files: no matter what a run selects."""
    found = {}
    for path in sorted(Path(folder).rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for node in _functions(ast.parse(text, str(path))) if "@claim(" in text else ():
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "claim" and call.args:
                    found.setdefault(ast.literal_eval(call.args[0]), set()).add((path, node.name))
    return found


def _functions(parent):
    """Functions of a module and of its classes."""
    for node in parent.body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def doubled(path):
    """Sentences about tests of one name in a file or class: Python keeps the last of them, so no other would run."""
    for parent in ast.walk(ast.parse(path.read_bytes(), str(path))):
        lines = {}
        for node in parent.body if isinstance(parent, ast.Module | ast.ClassDef) else ():
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and node.name.lower().startswith("test"):
                lines.setdefault(node.name, []).append(str(node.lineno))
        for name, (*before, last) in lines.items():
            if before:
                yield (f"{path.name}: {name} is defined at lines {', '.join(before)} and {last}, and only the last "
                       "would run; rename one.")


def unlinked(course, tests):
    """Sentences about statements of finished sections that no test speaks to, given the slugs that have tests."""
    return [
        f"{course.path.name}: {statement.id} ({statement.slug}) has no test; write one, or record it as context."
        for section in course.sections if section.finished
        for statement in section.statements if statement.recorded != "context" and statement.slug not in tests
    ]


def faults(item, course):
    """Sentences about what a claim lacks, each naming the file and the remedy."""
    mark, where = item.get_closest_marker("claim"), f"{item.path.name}: {item.originalname}"
    if mark.args[0] not in {statement.slug for statement in course.statements}:
        yield f"{where} names {mark.args[0]!r}, which {course.path.name} lacks; correct the slug or add the statement."
    if not inspect.getdoc(item.function):
        yield f"{where} has no docstring; its first line is the claim, as a lecturer would say it."
    if "evidence" not in item.fixturenames:
        yield f"{where} doesn't use the evidence fixture; record what it measures with evidence.measured(...)."
    marks = [mark for mark in item.function.pytestmark if mark.name == "xfail"]
    for parametrize in (mark for mark in item.function.pytestmark if mark.name == "parametrize"):
        marks += [mark for case in parametrize.args[1] for mark in getattr(case, "marks", ()) if mark.name == "xfail"]
    if not marks and not mark.kwargs["no_counterexample"]:
        yield (f"{where} has no counterexample; add a near-miss with marks=counterexample('why'), "
               "or say why there is none in claim(..., no_counterexample='...').")
    if any(mark.kwargs.get("raises") is not AssertionError or not mark.kwargs.get("strict") for mark in marks):
        yield f"{where} has a bare xfail; write counterexample('why'), which is strict and takes a failed assert only."
