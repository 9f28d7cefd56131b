"""What a student's function must do, and what those do who hold one of the known misconceptions.

An exercise is a list of calls and a judge of the answers. The right answer, and each misconception's, are computed
here, by the instruments and the models of which the claims hold; the child is believed nothing but what it gave out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

CLOSE, FAR = 1e-4, math.inf  # of float32, relative to the largest value; what can't be compared
HUGE = 1e300  # beyond it a whole number is no float64
NEAR = "0, up to rounding"


class Row(NamedTuple):
    """One thing that was looked at: what it is in words, what came, what should have come, and whether it is right."""

    what: str
    value: object
    expected: object
    right: bool


class Judgement(NamedTuple):
    """The rows of an exercise, the share of its points, and the slug of the misconception that explains the answers.

    A call earns its share where all of its rows are right: a shape alone is no answer. The slug is "" where none fits.
    """

    rows: list
    share: float
    hint: str = ""


@dataclass(frozen=True)
class Call:
    """One call of the student's function; where it gives a module, the `images` that this is shown."""

    name: str
    arguments: tuple
    options: dict = field(default_factory=dict)
    images: torch.Tensor | None = None


@dataclass(frozen=True)
class Exercise:
    """The calls of one adapter, its judge, [answer] -> Judgement, and the slugs of the misconceptions it can name."""

    calls: tuple
    judge: Callable
    hints: tuple


def by_value(calls, right, mistaken, avoided=None):
    """An exercise whose answers are numbers or tensors.

    right, and each of `mistaken`, {slug: function}, are called as the student's function is. avoided: (text, slug): no
    operation with this text in its name may have run.
    """

    def judge(answers):
        rows = [_value_row(call, answer, right) for call, answer in zip(calls, answers)]
        share = sum(row.right for row in rows) / len(rows)
        if avoided:
            text, slug = avoided
            used = sorted({name for one in answers for name in one.get("operations", ()) if text in str(name)})
            rows.append(Row(f"operations named {text}", used or "none", "none", not used))
            if used:
                return Judgement(rows, 0.0, slug)
        explained = (
            slug
            for slug, function in mistaken.items()
            if all(_same(answer, function(*call.arguments, **call.options)) for call, answer in zip(calls, answers))
        )
        return Judgement(rows, share, "" if share == 1 else next(explained, ""))

    return Exercise(tuple(calls), judge, (*mistaken, *([avoided[1]] if avoided else ())))


def error_of(answer):
    """Why there is no value, in words; "" where there is one."""
    if "error" in answer:
        told = answer["error"]
        return f"{told['kind']}: {told['message']}" + (f" ({told['where']})" if told["where"] else "")
    return "not handed in" if "missing" in answer else ""


def as_tensor(value):
    """A number, a tensor, or a list of such, as float64 without dimensions of size 1; None for anything else."""
    if isinstance(value, torch.Tensor):
        return value.double().squeeze()
    if isinstance(value, (bool, int, float)):
        return torch.tensor(float(value), dtype=torch.float64) if abs(value) < HUGE else None
    parts = [as_tensor(one) for one in value] if isinstance(value, (list, tuple)) and value else [None]
    if any(part is None or part.shape != parts[0].shape for part in parts):
        return None
    return torch.stack(parts).squeeze()


def difference(one, other):
    """Largest difference of two tensors, relative to the largest value of the other; infinite where shapes differ."""
    if one is None or other is None or one.shape != other.shape:
        return FAR
    if one.numel() == 0:
        return 0.0
    found = ((one.double() - other.double()).abs().max() / (1 + other.double().abs().max())).item()
    return found if found == found else FAR  # not a number is far from any


def _value_row(call, answer, right):
    expected = right(*call.arguments, **call.options)
    same = _same(answer, expected)
    value = error_of(answer) or answer.get("value")
    if isinstance(expected, torch.Tensor) and expected.numel() > 20:
        value = error_of(answer) or difference(as_tensor(value), as_tensor(expected))
        return Row(call.name, value, NEAR, same)
    return Row(call.name, value, expected, same)


def _same(answer, expected):
    return difference(as_tensor(answer.get("value")), as_tensor(expected)) <= CLOSE
