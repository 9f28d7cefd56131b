"""An experiment as one figure: every trial, the paired differences, the interval and the margin."""

import math

from matplotlib.figure import Figure

from lab.report.axes import LINE, RIGHT, TOP, WIDTH, finish, finite, place, room, short
from lab.report.svg import INK, MUTED, SERIES
from lab.report.words import mark

INTERVAL = mark("mean, interval")


def differences(arms, differences, interval, margin, mean, metric="", rule=""):
    """Above, every trial's value by arm, one line a seed; below, the paired differences in the order they came, the
    interval, and the margin that they must clear."""
    names, values = [short(name) for name in arms], [finite(values) for values in arms.values()]
    upper = 8 + 21 * len(arms)  # points of height that the panels take
    lower = 26 + 5 * min(40, len(differences)) + 14
    height = TOP + upper + 2.2 * LINE + 8 + lower + 2.2 * LINE
    figure = Figure(figsize=(WIDTH, height / 72))
    above, below = figure.add_axes((0, 0, 1, 0.5)), figure.add_axes((0, 0.5, 1, 0.5))
    _arms(above, names, values, metric)
    _paired(below, finite(differences), finite(interval or [None, None]), margin, finite([mean])[0], rule)
    left = room([*names, INTERVAL])
    place(above, left, height - TOP - upper, RIGHT, TOP)
    place(below, left, 2.2 * LINE, RIGHT, height - 2.2 * LINE - lower)
    return figure


def _arms(axes, names, values, metric):
    trials = [[*trial, math.nan] for trial in zip(*values)]
    axes.plot(sum(trials, []), [*range(len(names)), math.nan] * len(trials), color=MUTED, linewidth=0.4, alpha=0.5)
    for row, of in enumerate(values):
        _dots(axes, of, [row] * len(of), SERIES[row % len(SERIES)])
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    finish(axes, metric, "", grid="x")


def _paired(axes, told, interval, margin, mean, rule):
    _dots(axes, told, range(1, len(told) + 1), INK)
    bottom = len(told) + max(2.4, len(told) / 14)  # far enough below the last seed for the labels to keep apart
    axes.plot(interval, [bottom, bottom], color=SERIES[0], linewidth=3, solid_capstyle="butt")
    axes.plot([mean], [bottom], "D", color=SERIES[0], markersize=6)
    edges = [-margin, margin] if rule == "equivalence" else [margin]
    for edge in edges:
        axes.axvline(edge, color=SERIES[1], linestyle="--", linewidth=1.2)
    axes.annotate(mark("margin"), (edges[-1], 0.2), xytext=(3, 0), textcoords="offset points", color=SERIES[1],
                  fontsize=8.5, va="center")
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set_ylim(bottom + 0.9, -0.4)
    ends = {1: mark("first seed"), len(told): mark("last seed"), bottom: INTERVAL}
    axes.set_yticks(list(ends), list(ends.values()))
    finish(axes, mark("paired difference"), "", grid="x")
    if missing := sum(math.isnan(value) for value in told):
        axes.annotate(f"not finite: {missing}", (1, 1), xycoords="axes fraction", ha="right", va="top", color=SERIES[5])


def _dots(axes, xs, ys, colour):
    """Dots as strokes of no length with round ends: a third of the size of a marker for each."""
    axes.plot([one for x in xs for one in (x, x, math.nan)], [one for y in ys for one in (y, y, math.nan)],
              color=colour, alpha=0.75, linewidth=5, solid_capstyle="round")
