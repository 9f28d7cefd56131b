"""The figure of a roofline: every point within the axes, and every point told from the others."""
import matplotlib
import pytest

from lab.report.figures import plots, svg
from lab.report.figures.palette import SERIES


def drawn(rates):
    points = [{"label": f"net {index}", "x": 2.0**index, "y": rate} for index, rate in enumerate(rates)]
    with matplotlib.rc_context(svg.SETTINGS):
        return plots.roofline(points, peak_flops=1e12, peak_bandwidth=1e11).axes[0]


def test_a_point_above_the_roof_is_within_the_axes():
    """Winograd's algorithm does fewer products than are counted."""
    _, top = drawn([1e10, 3.9e12]).get_ylim()

    assert top > 3.9e12


@pytest.mark.parametrize("points", [len(SERIES), len(SERIES) + 1])
def test_more_points_than_colours_are_named_beside_their_dots(points):
    axes = drawn([1e10 * 2**index for index in range(points)])
    beside = {text.get_text() for text in axes.texts}
    legend = axes.get_legend()

    assert (legend is None) == (points > len(SERIES))
    assert beside == ({f"net {index}" for index in range(points)} if legend is None else set())
