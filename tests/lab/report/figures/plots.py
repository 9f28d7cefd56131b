"""Figures: one function for each kind that a claim may record."""

import math

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from lab.report.figures import svg
from lab.report.figures.axes import LINE, TOP, WIDTH, axes_of, dots, extent, finish, label, place, scales, short
from lab.report.figures.palette import INK, SERIES
from lab.report.figures.pictures import images
from lab.report.figures.trials import differences
from lab.report.language import words
from lab.report.language.numbers import finite, number

DENSE = 400  # marks beyond which a drawing is smaller as pixels
DECADES = 30  # bars whose longest is no longer than this many times the shortest show on a linear axis


def draw(figure, name="d"):
    """(Markup, style classes) of a recorded figure {"kind", "title", ...}; `name` begins the ids of its parts.

    A drawing that fails must not cost the page: it becomes a sentence that says why.
    """
    try:
        with matplotlib.rc_context(svg.SETTINGS):
            recorded = {key: value for key, value in figure.items() if key not in {"kind", "title"}}
            drawn = FIGURES[figure["kind"]](**recorded)
            return svg.markup(drawn, name) if isinstance(drawn, Figure) else (drawn, {})
    except Exception as error:  # a figure from a file may hold anything, and matplotlib raise anything
        why = f"{type(error).__name__}: {error}"
        return Markup('<p class="undrawn">{}</p>').format(words.t("This figure can't be drawn ({why}).", why=why)), {}


def bars(labels, values, unit="", groups=None, log=False, spread=None):
    """Horizontal bars, so that long labels read well; values[group][label] with groups, else values[label].

    spread: [low, high] around each value, without groups only.
    """
    rows = [finite(row) for row in (values if groups else [values])]
    if any(len(row) != len(labels) for row in rows):
        raise ValueError("every label needs one value")
    base = _beginning(rows) if log else 0
    thick = 0.8 / len(rows)
    keys = [short(name) for name in groups or ()]
    columns = 2 if 2 * (extent(keys) + 30) < 72 * WIDTH else 1
    above = math.ceil(len(keys) / columns)  # lines of the legend, where it covers no bar
    figure, axes = axes_of(height=0.7 + above * LINE / 72 + 0.3 * len(labels) * max(1, 0.62 * len(rows)))
    places = np.arange(len(labels))
    for index, row in enumerate(rows):
        at = places + (index - (len(rows) - 1) / 2) * thick
        shown = [base if math.isnan(value) else max(value, base) if base else value for value in row]
        axes.barh(
            at,
            [value - base for value in shown],
            left=base,
            height=0.92 * thick,
            color=SERIES[index % len(SERIES)],
            label=keys[index] if keys else None,
        )
        _label_bars(axes, at, shown, values[index] if groups else values)
    if spread:
        ends = np.array([finite(pair) for pair in spread]).T
        axes.errorbar(finite(values), places, xerr=np.abs(ends - finite(values)), fmt="none", ecolor=INK, capsize=4)
    scales(axes, bool(base), False)
    names = [short(label) for label in labels]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.margins(x=0.16)
    finish(axes, unit, "", grid="x", labels=names, above=above)
    if keys:
        figure.legend(loc="upper left", ncols=columns, borderaxespad=0)
    return figure


def _beginning(rows):
    """Where bars on a logarithmic scale begin; 0 where the values need none."""
    positive = [value for row in rows for value in row if value > 0]
    if not positive or max(positive) <= DECADES * min(positive):
        return 0
    return 10.0 ** math.floor(math.log10(min(positive)) - 0.3)


def _label_bars(axes, places, ends, values):
    """Write each value beyond the end of its bar."""
    for at, end, value in zip(places, ends, values):
        side = 1 if end >= 0 else -1
        axes.annotate(
            number(value),
            (end, at),
            xytext=(3 * side, 0),
            textcoords="offset points",
            fontsize=8.5,
            va="center",
            ha="left" if side > 0 else "right",
        )


def lines(x, series, xlabel="", ylabel="", bands=None, logx=False, logy=False):
    """One line for each series {name: [y]} over x, with bands {name: [[low], [high]]} where given."""
    figure, axes = axes_of(height=2.9)
    dense = len(x) * len(series) > 4 * DENSE
    for index, (name, values) in enumerate(series.items()):
        colour = SERIES[index % len(SERIES)]
        axes.plot(
            finite(x),
            finite(values),
            color=colour,
            label=short(name),
            linestyle=("-", "--", "-.", ":")[index // 2 % 4],
            linewidth=1.4,
            rasterized=dense,
        )
        if len(x) <= 12:
            dots(axes, finite(x), finite(values), colour, size=4.5)
        if bands and name in bands:
            low, high = bands[name]
            axes.fill_between(finite(x), finite(low), finite(high), color=colour, alpha=0.16, linewidth=0)
    scales(axes, logx, logy)
    finish(axes, xlabel, ylabel, legend=len(series) > 1 or next(iter(series), "") != "")
    return figure


def scatter(points, xlabel="", ylabel="", logx=False):
    """Labelled points [{"label", "x", "y"}]."""
    figure, axes = axes_of(height=3.3)
    xs, ys = finite([point["x"] for point in points]), finite([point["y"] for point in points])
    dots(axes, xs, ys, SERIES[0], size=5.5, rasterized=len(points) > DENSE)
    scales(axes, logx, False)
    axes.margins(0.12)
    finish(axes, xlabel, ylabel)
    if len(points) <= 40:
        label(axes, zip([short(point["label"]) for point in points], xs, ys))
    return figure


def roofline(points, peak_flops, peak_bandwidth):
    """FLOP/s over FLOPs for each byte moved: points [{"label", "x", "y"}] under two peaks, in FLOP/s and byte/s."""
    figure, axes = axes_of(height=3.6)
    ridge = peak_flops / peak_bandwidth
    intensities = [ridge / 8, ridge, *finite([point["x"] for point in points])]
    ends = np.array([min(intensities) / 2, ridge, max(intensities) * 2])
    axes.plot(ends, np.minimum(peak_flops, ends * peak_bandwidth), color=INK, linewidth=1.4)
    for index, point in enumerate(points):
        axes.plot(
            finite([point["x"]]),
            finite([point["y"]]),
            "osD^vP"[index % 6],
            color=SERIES[index % len(SERIES)],
            markersize=5,
            label=short(point["label"]),
        )
    scales(axes, True, True)
    axes.set_ylim(top=3 * max(peak_flops, *finite([point["y"] for point in points])))
    finish(axes, "FLOPs for each byte moved", "FLOP/s")
    if len(points) <= len(SERIES):
        axes.legend(loc="lower right")
    else:  # markers and colours would come twice
        label(axes, [(short(point["label"]), *finite([point["x"], point["y"]])) for point in points])
    return figure


def matrix(values, xlabel="", ylabel=""):
    """Heat map of a 2-D list with its scale."""
    table = np.array([finite(row) for row in values], dtype=float)
    shape = table.shape[0] / table.shape[1]
    width = WIDTH if shape < 0.6 else 3.3  # square ones stand side by side
    figure, axes = axes_of(min(4.2, 0.5 + (width - 0.9) * shape), width)
    low, high = np.nanmin(table), np.nanmax(table)
    signed = low < 0 < high
    bound = max(-low, high)
    shown = axes.imshow(
        table,
        cmap="RdBu_r" if signed else "viridis",
        aspect="equal",
        vmin=-bound if signed else low,
        vmax=bound if signed else high,
    )
    finish(axes, xlabel, ylabel, grid=None, right=60)
    axes.set_anchor("W")
    scale = figure.add_axes((0, 0, 1, 1))
    figure.colorbar(shown, cax=scale).outline.set_visible(False)
    place(scale, 72 * width - 50, LINE * 2.2, 42, TOP + LINE)
    return figure


FIGURES = {one.__name__: one for one in (bars, lines, scatter, images, matrix, roofline, differences)}
