"""Statements and tests, linked both ways: no test without a statement, no statement without a test."""

import ast
import inspect
from pathlib import Path

import pytest

from lab.errors import LabError

XFAILS = pytest.StashKey()  # of an item: the xfail marks of all cases of its test, selected or not


class UnreadableTests(LabError):
    """Test files that can't be searched for claims; each line of the message names a file, a line and the remedy."""


def claims_in(folder):
    """Tests by slug, {slug: {(path, name as in a nodeid)}}, found by reading the files: no matter what a run selects.

    Raises UnreadableTests where a file is no Python, or a claim in it can't be told without running it.
    """
    found, problems = {}, []
    for path in sorted(Path(folder).rglob("test_*.py")):
        source = path.read_bytes()
        if b"claim(" not in source:
            continue
        try:
            module = ast.parse(source)
        except (SyntaxError, ValueError) as error:  # the second, of Python 3.11: a zero byte
            line = f", line {error.lineno}" if getattr(error, "lineno", None) else ""
            problems.append(f"{path.name}{line} is no Python ({getattr(error, 'msg', error)}); correct it.")
            continue
        constants = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name, call in _claims(module):
            where = f"{path.name}, line {call.lineno}: {name}"
            slug = _slug(call, constants)
            if not all(part.startswith(("test", "Test")) for part in name.split("::")):
                problems.append(f"{where} isn't collected as a test; begin its name with test_, a class's with Test.")
            elif slug is None:
                problems.append(
                    f"{where} has a slug that only a run could tell; write it in quotes, or as a constant of the file."
                )
            else:
                found.setdefault(slug, set()).add((path, name))
    if problems:
        raise UnreadableTests("\n".join(problems))
    return found


def _claims(parent, within="", inherited=()):
    """(name, call of claim) of the functions of a module and of its classes, whose own claims hold for their tests."""
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own = [
            call
            for call in node.decorator_list
            if isinstance(call, ast.Call) and "claim" in (getattr(call.func, "id", ""), getattr(call.func, "attr", ""))
        ]
        if isinstance(node, ast.ClassDef):
            yield from _claims(node, f"{within}{node.name}::", own or inherited)
        elif own or node.name.startswith("test"):
            yield from ((within + node.name, call) for call in own or inherited)


def _slug(call, constants):
    """The slug that a call of claim names, as text or by one of the file's constants; None if neither."""
    named = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "slug"), None][0]
    named = constants.get(named.id) if isinstance(named, ast.Name) else named
    return named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else None


def slug_of(item):
    """The slug of the statement that a test speaks to; None for a test that is no claim, or names none."""
    mark = item.get_closest_marker("claim")
    return next(iter(mark.args), mark.kwargs.get("slug")) if mark else None


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
                yield (
                    f"{path.name}: {name} is defined at lines {', '.join(before)} and {last}, and only the last "
                    "would run; rename one."
                )


def unlinked(course, tests):
    """Sentences about statements of finished sections that no test speaks to, given the slugs that have tests."""
    return [
        f"{course.path.name}: {statement.id} ({statement.slug}) has no test; write one, or record it as context."
        for section in course.sections
        if section.finished
        for statement in section.statements
        if statement.recorded != "context" and statement.slug not in tests
    ]


def faults(item, course):
    """Sentences about what a claim lacks, each naming the file and the remedy."""
    mark, where = item.get_closest_marker("claim"), f"{item.path.name}: {item.originalname}"
    slug = slug_of(item)
    statement = next((statement for statement in course.statements if statement.slug == slug), None)
    if statement is None:
        yield f"{where} names {slug!r}, which {course.path.name} lacks; correct the slug or add the statement."
    elif statement.recorded == "context":
        yield (
            f"{where} claims {slug!r}, which {course.path.name} records as context; record a kind and a verdict "
            "that a test can decide, or take the claim away."
        )
    if not inspect.getdoc(item.function):
        yield f"{where} has no docstring; its first line is the claim, as a lecturer would say it."
    if "evidence" not in item.fixturenames:
        yield f"{where} doesn't use the evidence fixture; record what it measures with evidence.measured(...)."
    marks = item.stash[XFAILS]
    if not marks and not mark.kwargs.get("no_counterexample"):
        yield (
            f"{where} has no counterexample; add a near-miss with marks=counterexample('why'), "
            "or say why there is none in claim(..., no_counterexample='...')."
        )
    if any(mark.kwargs.get("raises") is not AssertionError or not mark.kwargs.get("strict") for mark in marks):
        yield f"{where} has a bare xfail; write counterexample('why'), which is strict and takes a failed assert only."
