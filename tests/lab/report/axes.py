"""What all figures share: labels that fit, numbers that can be placed, quiet axes, and room for the labels.

The room is reckoned from the labels' lengths: matplotlib's own layout takes as long as all the rest, and measures fonts
that the reader will not see.
"""

import math
import unicodedata

from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator, FuncFormatter, MaxNLocator, NullLocator

from lab.report.catalogue import LANGUAGES, translated
from lab.report.numbers import RAISED
from lab.report.svg import GRID

WIDTH = 5.8  # inches: the column of the page
LONGEST = 44  # characters of a label; the evidence table has it whole
LINE = 14  # points that a line of text takes
LEFT, RIGHT, TOP = 38, 14, 5  # points around the axes without text labels, an axis name above, or a legend


def short(text):
    """A label that fits beside an axis."""
    text = " ".join(str(text).encode("utf-8", "replace").decode().split())  # fonts know no half surrogate pairs
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def room(labels):
    """Points that the widest of these labels takes beside an axis, in any language."""
    def width(text):
        return sum(9.8 if unicodedata.east_asian_width(letter) in "WF" else 5.6 for letter in text)
    return 8 + max((width(translated(text, language)) for text in labels for language in LANGUAGES), default=0)


def axes_of(height, width=WIDTH):
    """(Figure, its Axes), in inches; finish() places the axes."""
    figure = Figure(figsize=(width, height))
    return figure, figure.add_axes((0, 0, 1, 1))


def place(axes, left, bottom, right, top):
    """Put the axes at these distances from the figure's edges, in points."""
    width, height = 72 * axes.figure.get_size_inches()
    axes.set_position((left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height))


def scales(axes, logx, logy):
    """Logarithmic axes, where there is something positive to place on them."""
    if logx and axes.dataLim.x1 > 0:
        axes.set_xscale("log")
    if logy and axes.dataLim.y1 > 0:
        axes.set_yscale("log")


def finish(axes, xlabel, ylabel, grid="both", legend=False, labels=(), right=RIGHT):
    """Name the axes, thin their ticks, draw the grid, and leave room for `labels` at the left."""
    axes.set_xlabel(short(xlabel))
    if ylabel:
        axes.set_title(short(ylabel), loc="left", fontsize=9.5, pad=5)  # level, where a turned label would not fit
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(FuncFormatter(_decade))
            axis.set_minor_locator(NullLocator())
        elif isinstance(axis.get_major_locator(), AutoLocator):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if grid:
        _grid(axes, grid)
    place(axes, room(labels) if labels else LEFT, LINE * (2.2 if xlabel else 1.2), right, TOP + (LINE if ylabel else 0))
    if legend:
        axes.legend()


def _grid(axes, which):
    """Lines at the ticks, each way as one path: half the size of matplotlib's own."""
    ways = {"x": (axes.get_xticks, axes.get_xlim, axes.get_xaxis_transform, axes.set_xlim, 1),
            "y": (axes.get_yticks, axes.get_ylim, axes.get_yaxis_transform, axes.set_ylim, -1)}
    for way in ways if which == "both" else which:
        ticks, limits, transform, keep, order = ways[way]
        ends = limits()
        at = [tick for tick in ticks() if min(ends) <= tick <= max(ends)]
        keep(ends)
        points = [[one for tick in at for one in (tick, tick, math.nan)], [0, 1, math.nan] * len(at)][::order]
        axes.plot(*points, transform=transform(), color=GRID, linewidth=0.7, zorder=0.5)


def _decade(value, _):
    exponent = round(math.log10(value)) if value > 0 else 0
    return "10" + str(exponent).translate(RAISED)
