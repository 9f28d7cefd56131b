"""Modules, judged by what they do: ours, with the student's weights, must put out what theirs put out.

What the claims assert of our module (shapes, counts, gates between 0 and 1, windows) holds of theirs too where the two
agree on random weights and images, in outputs and in gradients.
"""

import torch

from lab.students.child import observed, weights
from lab.students.judging import CLOSE, FAR, NEAR, Exercise, Judgement, Row, difference, error_of
from lab.students.matching import copies, layers_told, our_layers, weights_in

TOLD = {
    "shape": "shape of the output",
    "weights": "weights",
    "output": "difference of the output",
    "gradient": "difference of the gradient",
}
FAILURES = (RuntimeError, ValueError, TypeError, IndexError)  # of modules with a misconception
ALIKE = 25  # letters by which two messages are the same error's
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RuntimeError)  # of an answer that is none


def by_module(calls, right, mistaken):
    """An exercise whose answers are modules; ours, with the student's weights, must do what theirs did.

    right: builders of our module, any of which will do, called as the student's function is; mistaken: {slug: builder,
    or several}.
    """

    def judge(answers):
        readings = [[_rows(call, one, build) for call, one in zip(calls, answers)] for build in right]
        read = max(readings, key=_share)
        explained = (
            slug
            for slug, builders in mistaken.items()
            for build in (builders if isinstance(builders, list) else [builders])
            if all(_behaves(call, answer, build) for call, answer in zip(calls, answers))
        )
        hint = "" if _share(read) == 1 else next(explained, "")
        return Judgement([row for rows in read for row in rows], _share(read), hint)

    return Exercise(tuple(calls), judge, tuple(mistaken))


def _share(read):
    """Share of the calls whose rows are all right."""
    return sum(all(row.right for row in rows) for rows in read) / len(read)


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


def _rows(call, seen, build):
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
