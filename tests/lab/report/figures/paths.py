"""The data of an SVG path in few characters: steps from point to point, in tenths."""

import re

SEGMENT = re.compile(r"([MLCQz])([^MLCQz]*)")


def stepwise(data):
    """The same path by relative commands, with h and v for level and upright lines.

    data: absolute M, L, C, Q and z, as matplotlib writes them. The steps lead between rounded points: no
    error adds up.
    """
    here = start = (0, 0)
    commands = []
    for letter, numbers in SEGMENT.findall(data):
        ends = [round(10 * float(number)) for number in numbers.split()]
        points = list(zip(ends[::2], ends[1::2]))
        steps = [(x - here[0], y - here[1]) for x, y in points]
        commands.append(_command(letter, steps))
        here = points[-1] if points else start  # z leads back
        start = here if letter == "M" else start
    return _joined(commands)


def _command(letter, steps):
    """(letter, numbers)"""
    if letter == "L" and steps[0][1] == 0:
        return "h", [steps[0][0]]
    if letter == "L" and steps[0][0] == 0:
        return "v", [steps[0][1]]
    return letter.lower(), [number for step in steps for number in step]


def _joined(commands):
    """Text, without letters that repeat (after m, l is understood) and spaces that nothing needs."""
    text, last = "", ""
    for letter, numbers in commands:
        shown = "" if letter == {"m": "l"}.get(last, last) and letter not in "mz" else letter
        text += shown + ("" if shown else " ") + " ".join(map(_tenths, numbers))
        last = letter
    return text.replace(" -", "-")


def _tenths(number):
    return re.sub(r"^(-?)0\.", r"\1.", f"{number / 10:.1f}".removesuffix(".0"))
