"""What a student's function must do, and what those do who hold one of the known misconceptions.

An exercise is a list of calls and a judge of the answers. The right answer, and each misconception's, are computed
here, by the instruments and the models of the claims; the child is believed nothing but what it gave out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from lab.students.child import observed, weights
from lab.students.matching import copies, layers_told, our_layers, weights_in

CLOSE, FAR = 1e-4, math.inf  # of float32, relative to the largest value; what can't be compared
HUGE = 1e300  # beyond it a whole number is no float64
NEAR = "0, up to rounding"
TOLD = {
    "shape": "shape of the output",
    "weights": "weights",
    "output": "difference of the output",
    "gradient": "difference of the gradient",
}
FAILURES = (RuntimeError, ValueError, TypeError, IndexError)  # of modules with a misconception
ALIKE = 25  # letters by which two messages are the same error's
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RuntimeError)  # of an answer that is none


class Row(NamedTuple):
    """One thing that was looked at: what it is in words, what came, what should have come, and whether it is right."""

    what: str
    value: object
    expected: object
    right: bool


class Judgement(NamedTuple):
    """The rows of an exercise, and the slug of the misconception that explains the answers, "" where none does."""

    rows: list
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
        if avoided:
            text, slug = avoided
            used = sorted({name for one in answers for name in one.get("operations", ()) if text in str(name)})
            rows.append(Row(f"operations named {text}", used or "none", "none", not used))
            if used:
                return Judgement(rows, slug)
        explained = (
            slug
            for slug, function in mistaken.items()
            if all(_same(answer, function(*call.arguments, **call.options)) for call, answer in zip(calls, answers))
        )
        return Judgement(rows, "" if all(row.right for row in rows) else next(explained, ""))

    return Exercise(tuple(calls), judge, (*mistaken, *([avoided[1]] if avoided else ())))


def by_module(calls, right, mistaken):
    """An exercise whose answers are modules; ours, with the student's weights, must do what theirs did.

    right: builders of our module, any of which will do, called as the student's function is; mistaken: {slug: builder,
    or several}.
    """

    def judge(answers):
        readings = [
            [row for call, one in zip(calls, answers) for row in _module_rows(call, one, build)] for build in right
        ]
        rows = max(readings, key=lambda rows: sum(row.right for row in rows))
        explained = (
            slug
            for slug, builders in mistaken.items()
            for build in (builders if isinstance(builders, list) else [builders])
            if all(_behaves(call, answer, build) for call, answer in zip(calls, answers))
        )
        return Judgement(rows, "" if all(row.right for row in rows) else next(explained, ""))

    return Exercise(tuple(calls), judge, tuple(mistaken))


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


def _nearest(call, seen, build):
    """(difference of outputs, of gradients) from our module with their weights, in the assignment that comes nearest.

    Infinite where their layers don't fit ours. Raises ValueError, KeyError or TypeError for an answer that is none.
    """
    best = FAR, FAR
    for module in copies(lambda: build(*call.arguments, **call.options), call.images, layers_told(seen)):
        images = call.images.clone().requires_grad_()
        output = module(images)
        (gradient,) = torch.autograd.grad(output, images, weights.noise(output.shape, observed.DIRECTION))
        best = min(best, (difference(seen["output"], output.detach()), difference(seen["gradient"], gradient)))
    return best


def _module_rows(call, seen, build):
    module = build(*call.arguments, **call.options).eval()
    with torch.no_grad():
        shape = list(module(call.images).shape)
    expected = {"shape": shape, "weights": weights_in(our_layers(module)), "output": NEAR, "gradient": NEAR}
    found = dict.fromkeys(expected, error_of(seen))
    right = dict.fromkeys(expected, False)
    if not error_of(seen):
        try:
            output, gradient = _nearest(call, seen, build)
            found = {"shape": list(seen["output"].shape), "weights": weights_in(layers_told(seen))}
            right = {what: found[what] == expected[what] for what in found}
            for what, distance in (("output", output), ("gradient", gradient)):
                found[what], right[what] = distance if distance < FAR else "not to be compared", distance <= CLOSE
        except UNREADABLE as error:
            found = dict.fromkeys(expected, f"unreadable ({type(error).__name__})")
    return [Row(f"{TOLD[what]}, {call.name}", found[what], expected[what], right[what]) for what in expected]


def _behaves(call, seen, build):
    """Does a module of this build, with their weights, do what theirs did, an error included?"""
    try:
        with torch.no_grad():
            build(*call.arguments, **call.options).eval()(call.images)
    except FAILURES as error:
        told = seen.get("error", {"kind": "", "message": ""})
        return told["kind"] == type(error).__name__ and told["message"][:ALIKE] == str(error)[:ALIKE]
    try:
        return not error_of(seen) and max(_nearest(call, seen, build)) <= CLOSE
    except UNREADABLE:
        return False
