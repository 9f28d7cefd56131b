"""Where the parts of a figure stand: far enough apart to be read, and close enough to be compared."""
import pytest

from lab.report.figures import axes, plots
from lab.report.figures.trials import differences

LINE_OF_TEXT = 9.5 * 1.2  # points: font size times line height
POINTS = 72  # to an inch


def of_trials(seeds, margin=0.7):
    """The panel of the paired differences of two arms."""
    values = [float(seed % 3) for seed in range(seeds)]
    _, below = differences({"a": values, "b": [1.0] * seeds}, values, [0.5, 1.5], margin, 1.0).axes
    return below


def points_between(panel, first, second):
    """How far apart two rows are, in points."""
    (_, above), (_, below) = panel.transData.transform([(0, first), (0, second)])
    return (above - below) * POINTS / panel.figure.dpi


def thick(panel):
    """The line of the interval."""
    (line,) = [line for line in panel.lines if line.get_linewidth() == 3]
    return line


def test_axes_are_placed_in_points_from_the_edges():
    figure, placed = axes.axes_of(height=2, width=5)
    axes.place(placed, left=36, bottom=18, right=72, top=9)

    assert placed.get_position().extents * [5, 2, 5, 2] * POINTS == pytest.approx([36, 18, 5 * 72 - 72, 2 * 72 - 9])


@pytest.mark.parametrize("seeds", [5, 15, 40])
def test_the_rows_of_up_to_forty_seeds_can_be_told_apart(seeds):
    assert 5 < points_between(of_trials(seeds), 1, 2) < 8


@pytest.mark.parametrize("seeds", [5, 40, 200])
def test_the_interval_stands_below_the_last_seed_with_room_for_both_labels(seeds):
    panel = of_trials(seeds)

    assert LINE_OF_TEXT < points_between(panel, seeds, thick(panel).get_ydata()[0]) < 20


@pytest.mark.parametrize("margin", [0.7, -0.3])
def test_the_margin_and_its_word_have_one_colour_and_the_interval_another(margin):
    panel = of_trials(5, margin)
    (line,) = [line for line in panel.lines if line.get_linestyle() == "--"]
    (word,) = panel.texts

    assert line.get_color() == word.get_color() != thick(panel).get_color()


@pytest.mark.parametrize("rows, side_by_side", [(5, False), (8, True), (10, True)])
def test_matrices_that_are_nearly_square_stand_side_by_side(rows, side_by_side):
    width, _ = plots.matrix([[row + column for column in range(10)] for row in range(rows)]).get_size_inches()

    assert (width < axes.WIDTH) == side_by_side
