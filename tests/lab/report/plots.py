"""Figures: one function for each kind that a claim may record, and the trials of an experiment."""

import base64
import io
import math

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator, FuncFormatter, MaxNLocator, NullLocator
from PIL import Image

from lab.report import svg, words
from lab.report.numbers import RAISED, number
from lab.report.svg import GRID, INK, MUTED, SERIES

WIDTH = 5.8  # inches: the column of the page
LONGEST = 44  # characters of a label; the evidence table has it whole
INTERVAL = words.mark("mean, interval")
DENSE = 400  # marks beyond which a drawing is smaller as pixels


def draw(figure, name="d"):
    """(Markup, style classes) of a recorded figure {"kind", "title", ...}; `name` begins the ids of its parts.

    A drawing that fails must not cost the page: it becomes a sentence that says why.
    """
    try:
        with matplotlib.rc_context(svg.SETTINGS):
            recorded = {key: value for key, value in figure.items() if key not in {"kind", "title"}}
            drawn = FIGURES[figure["kind"]](**recorded)
            return svg.markup(drawn, name) if isinstance(drawn, Figure) else (drawn, {})
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        return Markup('<p class="undrawn">{}</p>').format(words.t("This figure can't be drawn ({why}).", why=why)), {}


def bars(labels, values, unit="", groups=None, log=False, spread=None):
    """Horizontal bars, so that long labels read well; values[group][label] with groups, else values[label].

    spread: [low, high] around each value, without groups only.
    """
    rows = values if groups else [values]
    rows = [finite(row) for row in rows]
    if any(len(row) != len(labels) for row in rows):
        raise ValueError("every label needs one value")
    positive = [value for row in rows for value in row if value > 0]
    base = 10.0 ** math.floor(math.log10(min(positive)) - 0.3) if log and positive else 0  # where bars begin
    thick = 0.8 / len(rows)
    figure, axes = _axes(height=0.7 + 0.3 * len(labels) * max(1, 0.62 * len(rows)))
    places = np.arange(len(labels))
    for index, row in enumerate(rows):
        at = places + (index - (len(rows) - 1) / 2) * thick
        shown = [base if math.isnan(value) else max(value, base) if log else value for value in row]
        axes.barh(at, [value - base for value in shown], left=base, height=0.92 * thick,
                  color=SERIES[index % len(SERIES)], label=short(groups[index]) if groups else None)
        for place, value, told in zip(at, shown, (values[index] if groups else values)):
            side = 1 if value >= 0 else -1
            axes.annotate(number(told), (value, place), xytext=(3 * side, 0), textcoords="offset points", fontsize=8.5,
                          va="center", ha="left" if side > 0 else "right")
    if spread:
        ends = np.array([finite(pair) for pair in spread]).T
        axes.errorbar(finite(values), places, xerr=np.abs(ends - finite(values)), fmt="none", ecolor=INK, capsize=4)
    _scales(axes, log, False)
    axes.set_yticks(places, [short(label) for label in labels])
    axes.invert_yaxis()
    axes.margins(x=0.16)
    _finish(axes, unit, "", grid="x", legend=bool(groups))
    return figure


def lines(x, series, xlabel="", ylabel="", bands=None, logx=False, logy=False):
    """One line for each series {name: [y]} over x, with bands {name: [[low], [high]]} where given."""
    figure, axes = _axes(height=2.9)
    dense = len(x) * len(series) > 4 * DENSE
    for index, (name, values) in enumerate(series.items()):
        colour = SERIES[index % len(SERIES)]
        marker = "o" if len(x) <= 12 else ""
        axes.plot(finite(x), finite(values), color=colour, label=short(name), marker=marker, markersize=3.5,
                  linestyle=("-", "--", "-.", ":")[index // 2 % 4], linewidth=1.4, rasterized=dense)
        if bands and name in bands:
            low, high = bands[name]
            axes.fill_between(finite(x), finite(low), finite(high), color=colour, alpha=0.16, linewidth=0)
    _scales(axes, logx, logy)
    _finish(axes, xlabel, ylabel, legend=len(series) > 1 or next(iter(series), "") != "")
    return figure


def scatter(points, xlabel="", ylabel="", logx=False):
    """Labelled points [{"label", "x", "y"}]."""
    figure, axes = _axes(height=3.3)
    xs, ys = finite([point["x"] for point in points]), finite([point["y"] for point in points])
    axes.plot(xs, ys, "o", color=SERIES[0], markersize=4.5, rasterized=len(points) > DENSE)
    if len(points) <= 40:
        for index, (point, x, y) in enumerate(zip(points, xs, ys)):
            above = index % 2 == 0  # neighbours' labels on opposite sides
            axes.annotate(short(point["label"]), (x, y), xytext=(0, 5 if above else -5), fontsize=8,
                          textcoords="offset points", ha="center", va="bottom" if above else "top")
    _scales(axes, logx, False)
    axes.margins(0.12)
    _finish(axes, xlabel, ylabel)
    return figure


def roofline(points, peak_flops, peak_bandwidth):
    """FLOP/s over FLOPs for each byte moved, points [{"label", "x", "y"}] under the roof of two peaks: FLOP/s, byte/s."""
    figure, axes = _axes(height=3.6)
    ridge = peak_flops / peak_bandwidth
    intensities = [ridge / 8, ridge, *finite([point["x"] for point in points])]
    ends = np.array([min(intensities) / 2, ridge, max(intensities) * 2])
    axes.plot(ends, np.minimum(peak_flops, ends * peak_bandwidth), color=INK, linewidth=1.4)
    for index, point in enumerate(points):
        axes.plot(finite([point["x"]]), finite([point["y"]]), "osD^vP"[index % 6], color=SERIES[index % len(SERIES)],
                  markersize=5, label=short(point["label"]))
    _scales(axes, True, True)
    axes.set_ylim(top=3 * peak_flops)
    _finish(axes, "FLOPs for each byte moved", "FLOP/s")
    axes.legend(loc="lower right")
    return figure


def images(images, labels):
    """Small pictures with their labels, as HTML: values 0..1, each H x W grey or 3 x H x W colour."""
    cells = [Markup('<figure class="picture"><img src="{}" alt="" width="{}" height="{}"><figcaption>{}</figcaption>'
                    "</figure>").format(*_picture(image), words.data(short(label)))
             for image, label in zip(images, labels, strict=True)]
    return Markup('<div class="pictures">{}</div>').format(Markup().join(cells))


def matrix(values, xlabel="", ylabel=""):
    """Heat map of a 2-D list with its scale."""
    table = np.array([finite(row) for row in values], dtype=float)
    shape = table.shape[0] / table.shape[1]
    width = WIDTH if shape < 0.6 else 3.3  # square ones stand side by side
    figure, axes = _axes(min(4.2, 0.5 + (width - 0.9) * shape), width)
    low, high = np.nanmin(table), np.nanmax(table)
    signed = low < 0 < high
    bound = max(-low, high)
    shown = axes.imshow(table, cmap="RdBu_r" if signed else "viridis", aspect="equal",
                        vmin=-bound if signed else low, vmax=bound if signed else high)
    bar = figure.colorbar(shown, ax=axes, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)
    _finish(axes, xlabel, ylabel, grid=None)
    return figure


def differences(arms, differences, interval, margin, mean, metric="", rule=""):
    """An experiment: above, every trial's value by arm, one line a seed; below, the paired differences in the order
    they came, the interval, and the margin that they must clear."""
    figure = Figure(figsize=(WIDTH, 1.6 + 0.3 * len(arms) + min(1.5, 0.07 * len(differences))), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=[0.5 + 0.34 * len(arms), 1.1 + 0.07 * len(differences)])
    for number_of_arm, values in enumerate(arms.values()):
        above.plot(finite(values), [number_of_arm] * len(values), "o", markersize=4, alpha=0.75,
                   color=SERIES[number_of_arm % len(SERIES)])
    for trial in zip(*(finite(values) for values in arms.values())):
        above.plot(trial, range(len(trial)), color=MUTED, linewidth=0.4, alpha=0.5, zorder=0)
    above.set_yticks(range(len(arms)), [short(name) for name in arms])
    above.set_ylim(len(arms) - 0.5, -0.5)
    _finish(above, short(metric), "", grid="x")

    told = finite(differences)
    below.plot(told, range(1, len(told) + 1), "o", markersize=4, color=INK, alpha=0.75)
    bounds = finite(interval) if interval else [math.nan, math.nan]
    bottom = len(told) + 1.6
    below.plot(bounds, [bottom, bottom], color=SERIES[0], linewidth=3, solid_capstyle="butt")
    below.plot(finite([mean]), [bottom], "D", color=SERIES[0], markersize=6)
    edges = [-margin, margin] if rule == "equivalence" else [margin]
    for edge in edges:
        below.axvline(edge, color=SERIES[1], linestyle="--", linewidth=1.2)
    below.annotate(words.mark("margin"), (edges[-1], 0.2), xytext=(3, 0), textcoords="offset points", color=SERIES[1],
                   fontsize=8.5, va="center")
    below.axvline(0, color=MUTED, linewidth=0.8)
    below.set_ylim(bottom + 0.9, -0.4)
    below.set_yticks([1, len(told), bottom] if len(told) > 1 else [1, bottom],
                     [words.mark("first seed"), words.mark("last seed"), INTERVAL] if len(told) > 1 else ["seed", INTERVAL])
    _finish(below, words.mark("paired difference"), "", grid="x")
    missing = sum(math.isnan(value) for value in told)
    if missing:
        below.annotate(f"not finite: {missing}", (1, 1), xycoords="axes fraction", ha="right", va="top", color=SERIES[5])
    return figure


FIGURES = {"bars": bars, "lines": lines, "scatter": scatter, "images": images, "matrix": matrix,
           "roofline": roofline, "differences": differences}


def finite(values):
    """Floats with NaN for what can't be placed on an axis (evidence writes non-finite numbers as words)."""
    numbers = [float(value) if value is not None else math.nan for value in values]
    return [value if math.isfinite(value) else math.nan for value in numbers]


def short(text):
    """A label that fits beside an axis."""
    text = " ".join(str(text).encode("utf-8", "replace").decode().split())  # fonts know no half surrogate pairs
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _decade(value, _):
    exponent = round(math.log10(value)) if value > 0 else 0
    return "10" + str(exponent).translate(RAISED)


def _axes(height, width=WIDTH):
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _scales(axes, logx, logy):
    """Logarithmic axes, where there is something positive to place on them."""
    if logx and axes.dataLim.x1 > 0:
        axes.set_xscale("log")
    if logy and axes.dataLim.y1 > 0:
        axes.set_yscale("log")


def _finish(axes, xlabel, ylabel, grid="both", legend=False):
    axes.set_xlabel(short(xlabel))
    axes.set_ylabel(short(ylabel))
    if grid:
        axes.grid(axis=grid, color=GRID)
        axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(FuncFormatter(_decade))
            axis.set_minor_locator(NullLocator())
        elif isinstance(axis.get_major_locator(), AutoLocator):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if legend:
        axes.legend()


def _picture(image):
    """(data URI of a PNG, width, height in CSS px) of values 0..1."""
    pixels = np.clip(np.nan_to_num(np.array(image, dtype=float)), 0, 1)
    pixels = np.round(255 * (pixels.transpose(1, 2, 0) if pixels.ndim == 3 else pixels)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    scale = max(1, round(84 / max(pixels.shape[:2])))
    uri = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return uri, pixels.shape[1] * scale, pixels.shape[0] * scale
