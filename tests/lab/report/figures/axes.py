"""What all figures share: size, scales, ticks, grid, and margins that hold their labels.

Margins are estimated from the labels' lengths: matplotlib's own layout takes as long as all other drawing, and measures
fonts that the reader's browser does not use.
"""

import math
import unicodedata

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import AutoLocator, FuncFormatter, MaxNLocator, NullLocator

from lab.report.figures.palette import GRID
from lab.report.language.catalogue import LANGUAGES, translated
from lab.report.language.numbers import RAISED

WIDTH = 5.8  # inches: the column of the page
LONGEST = 44  # characters of a label; the evidence table has it whole
LINE = 14  # points that a line of text takes
SMALL = 8  # points of a dot's name; other text has 9.5
LEFT, RIGHT, TOP = 38, 14, 5  # points around the axes without text labels, an axis name above, or a legend


def short(text):
    """The text as a label that fits beside an axis."""
    text = " ".join(str(text).encode("utf-8", "replace").decode().split())  # fonts know no half surrogate pairs
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def room(labels):
    """Points that the widest of these labels takes beside an axis, in any language."""
    return 8 + extent(labels)


def extent(labels):
    """Points that the widest of these labels takes, in any language."""

    def of(text):
        return sum(9.8 if unicodedata.east_asian_width(letter) in "WF" else 5.6 for letter in text)

    return max((of(translated(text, language)) for text in labels for language in LANGUAGES), default=0)


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


def finish(axes, xlabel, ylabel, grid="both", legend=False, labels=(), right=RIGHT, above=0):
    """Name the axes, thin their ticks, draw the grid, and leave room for `labels` at the left and lines `above`."""
    axes.set_xlabel(short(xlabel))
    if ylabel:
        axes.set_title(short(ylabel), loc="left", fontsize=9.5, pad=5)  # level, where a turned label would not fit
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(FuncFormatter(decade))
            axis.set_minor_locator(NullLocator())
        elif isinstance(axis.get_major_locator(), AutoLocator):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_offset_position("right")  # at the left a common power of ten pushes the axis' name out of the figure
    if grid:
        _grid(axes, grid)
    place(
        axes,
        room(labels) if labels else LEFT,
        LINE * (2.2 if xlabel else 1.2),
        right,
        TOP + LINE * (bool(ylabel) + above),
    )
    if legend:
        axes.legend()


def dots(axes, xs, ys, colour, size=5, **looks):
    """Dots as strokes of no length with round ends, each shorter than a marker: 80 kB less of a whole page."""
    axes.plot(
        [one for x in xs for one in (x, x, math.nan)],
        [one for y in ys for one in (y, y, math.nan)],
        color=colour,
        linewidth=size,
        solid_capstyle="round",
        **looks,
    )


def label(axes, points):
    """Name each (text, x, y) beside its dot: on the first side where it covers neither a name nor a dot."""
    points = [(text, x, y, *72 / axes.figure.dpi * axes.transData.transform((x, y))) for text, x, y in points]
    edges = axes.bbox.x0 * 72 / axes.figure.dpi, axes.bbox.x1 * 72 / axes.figure.dpi
    taken = [(left - 3, bottom - 3, left + 3, bottom + 3) for *_, left, bottom in points]
    taken += [(edge, -math.inf, edge, math.inf) for edge in edges]
    for text, x, y, left, bottom in points:
        half = extent([text]) * SMALL / 19
        boxes = {
            (side, level): (
                left + side * (half + 5) - half,
                bottom + 9 * level - 5,
                left + side * (half + 5) + half,
                bottom + 9 * level + 5,
            )
            for level in (1, -1, 0, 2, -2, 3, -3)
            for side in (0, 1, -1)
            if side or level
        }
        side, level = min(boxes, key=lambda at: sum(_meet(boxes[at], one) for one in taken))
        taken.append(boxes[side, level])
        axes.annotate(
            text,
            (x, y),
            xytext=(5 * side, 9 * level),
            textcoords="offset points",
            fontsize=SMALL,
            ha={0: "center", 1: "left", -1: "right"}[side],
            va="center",
        )


def _meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _grid(axes, which):
    """Lines at the ticks, each way as one path, which is half the size of matplotlib's own grid; legends avoid them."""
    ways = {"x": (axes.xaxis, axes.get_xaxis_transform()), "y": (axes.yaxis, axes.get_yaxis_transform())}
    for way in ways if which == "both" else which:
        axis, transform = ways[way]
        low, high = sorted(axis.get_view_interval())
        ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
        along, across = [end for tick in ticks for end in (tick, tick, math.nan)], [0, 1, math.nan] * len(ticks)
        xs, ys = (along, across) if way == "x" else (across, along)
        axes.add_artist(Line2D(xs, ys, transform=transform, color=GRID, linewidth=0.7, zorder=0.5))


def decade(value, position):
    """Text of a logarithmic axis' tick at this value; matplotlib's formatters get its position, too."""
    exponent = round(math.log10(value)) if value > 0 else 0
    return "10" + str(exponent).translate(RAISED)
