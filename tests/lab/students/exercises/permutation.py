"""Shuffled pixels: not one right answer, but one permutation, whichever, for all images."""

import torch

from lab.students.judging import Call, Exercise, Judgement, Row, error_of

SHAPE = N, C, H, W = 5, 2, 5, 7
NUMBERED = torch.arange(N * C * H * W, dtype=torch.float32).reshape(SHAPE)  # each value tells where it was
CALLS = (
    Call("seed 3", (NUMBERED, 3)),
    Call("seed 3 again", (NUMBERED, 3)),
    Call("seed 4", (NUMBERED, 4)),
)
HINTS = ("new-permutation-for-each-image", "images-shuffled", "channels-torn-apart", "rows-shuffled", "seed-ignored")


def judge(answers):
    """The rows say what a permutation of pixels is; the hint, what was permuted instead."""
    if error := next(filter(None, map(error_of, answers)), ""):
        return Judgement([Row("shuffled images", error, list(SHAPE), False)], 0.0)
    first, again, other = (one.get("value") for one in answers)
    if not isinstance(first, torch.Tensor) or first.shape != NUMBERED.shape:
        found = list(first.shape) if isinstance(first, torch.Tensor) else type(first).__name__
        return Judgement([Row("shape of the images", found, list(SHAPE), False)], 0.0)
    image, channel, place = _sources(first)
    moved = place != torch.arange(H * W)
    facts = {
        "each image keeps its own pixels": _is_own(image, torch.arange(N)[:, None, None]) and _all_once(place),
        "channels keep their pixels": _is_own(channel, torch.arange(C)[:, None]),
        "one order for all images and channels": bool((place == place[0, 0]).all()),
        "pixels move across rows": bool((moved & (_row_sizes(place) > 1)).any()),
        "the same seed gives the same order": _equal(first, again),
        "another seed gives another order": _is_like(other) and not _equal(first, other),
    }
    rows = [Row(what, fact, True, fact) for what, fact in facts.items()]
    right = all(facts.values())
    return Judgement(rows, float(right), "" if right else _hint(facts, image, place))


def _hint(facts, image, place):
    whole_images = bool((image == image[:, :1, :1]).all()) and bool((place == torch.arange(H * W)).all())
    if whole_images:
        return "images-shuffled"
    if facts["each image keeps its own pixels"] and not facts["pixels move across rows"]:
        return "rows-shuffled"
    if facts["each image keeps its own pixels"] and not facts["one order for all images and channels"]:
        alike = bool((place == place[:, :1]).all())
        return "new-permutation-for-each-image" if alike else "channels-torn-apart"
    in_order = facts["one order for all images and channels"]
    seeds = facts["the same seed gives the same order"] and facts["another seed gives another order"]
    return "seed-ignored" if in_order and not seeds else ""


def _sources(images):
    """(image, channel, place) from which each value comes, each (N, C, H W); -1 for values that were nowhere."""
    flat = images.double().flatten(2)
    known = (flat == flat.round()) & (flat >= 0) & (flat < NUMBERED.numel())
    number = torch.where(known, flat, -1.0).long()
    parts = number // (C * H * W), number // (H * W) % C, number % (H * W)
    return [torch.where(known, part, -1) for part in parts]


def _is_own(found, expected):
    return bool((found == expected).all())


def _all_once(place):
    return bool((place.sort(dim=2).values == torch.arange(H * W)).all())


def _row_sizes(place):
    """For each place, from how many rows the row that it lies in is filled."""
    rows = (place // W).reshape(*place.shape[:2], H, W)
    spread = (rows.amax(dim=3) - rows.amin(dim=3) + 1)[..., None].expand(-1, -1, -1, W)
    return spread.flatten(2)


def _is_like(value):
    return isinstance(value, torch.Tensor) and value.shape == NUMBERED.shape


def _equal(one, other):
    return _is_like(other) and bool((one == other).all())


SHUFFLE = Exercise(CALLS, judge, HINTS)
