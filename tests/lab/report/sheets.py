"""The words of the printed sheets' blanks, which style puts beside each statement: one text for a hundred blanks."""

import json

from lab.report.language.words import TRANSLATORS, mark

ANSWERS = ("confirmed", "corrected", "refuted")
WHY, HOW = mark("Why?"), mark("How would you test it?")


def blank_style():
    """CSS properties in each language: --ticks with empty boxes, --ticks-confirmed with one ticked, --why and --how."""
    return "".join(
        f":root:has(#lang-{say.language}:checked){{"
        + "".join(f"--{name}:{json.dumps(text, ensure_ascii=False)};" for name, text in _texts(say))
        + "}\n"
        for say in TRANSLATORS
    )


def _texts(say):
    for ticked in ("", *ANSWERS):
        boxes = [f"{'☒' if answer == ticked else '☐'} {say(answer)}" for answer in ANSWERS]
        yield f"ticks-{ticked}".rstrip("-"), "\u2003".join(boxes)
    yield "why", say(WHY)
    yield "how", say(HOW)
