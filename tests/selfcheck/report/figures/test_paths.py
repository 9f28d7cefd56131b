"""A path in steps leads through the same points as the path that it replaces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.figures.paths import stepwise

TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "q": 4}     # numbers
NUMBERS = st.integers(-99_999, 99_999).map(lambda number: number / 100)     # to hundredths, of which tenths stay
SEGMENTS = st.one_of(*(st.tuples(st.just(letter), st.lists(NUMBERS, min_size=count, max_size=count))
                       for letter, count in {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}.items()))


def points(data):
    """The points, in tenths, that a browser passes on a path of relative commands, each with its command."""
    here = start = (0, 0)
    for letter, numbers in re.findall(r"([a-z])([^a-z]*)", data):
        steps = [round(10 * float(number)) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        taken = TAKES.get(letter, 1)
        for at in range(0, len(steps), taken) if steps else [0]:
            ends = [here if letter != "z" else start]
            for place, step in enumerate(steps[at:at + taken]):
                across = letter == "v" or letter != "h" and place % 2
                x, y = ends[-1] if across else here     # the second number of a pair completes the point
                ends.append((x, here[1] + step) if across else (here[0] + step, y))
            here = ends[-1]
            start = here if letter == "m" else start
            letter = "l" if letter == "m" else letter
            yield here


def drawn(segments):
    """The ends of segments in absolute tenths."""
    here = start = (0, 0)
    for letter, numbers in segments:
        here = tuple(round(10 * number) for number in numbers[-2:]) if numbers else start
        start = here if letter == "M" else start
        yield here


@given(st.lists(SEGMENTS, max_size=12))
def test_a_path_in_steps_ends_each_segment_where_the_path_did(segments):
    segments = [("M", [3.14, 2.72]), *segments]
    data = "\n".join(letter + " " + " ".join(f"{number:.6f}" for number in numbers) for letter, numbers in segments)

    assert list(points(stepwise(data))) == list(drawn(segments))


@pytest.mark.parametrize("data, steps", [
    pytest.param("M 10 20 \nL 10 20 \nM 13 20 \nL 13 20", "m10 20h0m3 0h0", id="dots"),
    pytest.param("M 1 2 \nL 3.04 2 \nL 3.04 0.54 \nz", "m1 2h2v-1.5z", id="level and upright"),
    pytest.param("M 1 2 \nL 1.2 1.5 \nL 2.3 3.5", "m1 2 .2-.5 1.1 2", id="numbers without what nothing needs"),
])
def test_a_step_is_written_shortly(data, steps):
    assert stepwise(data) == steps
