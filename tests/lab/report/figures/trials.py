"""An experiment as one figure: every trial, the paired differences, the interval and the margin."""

import math

from matplotlib.figure import Figure

from lab.report.figures.axes import LINE, RIGHT, TOP, WIDTH, dots, finish, place, room, short
from lab.report.figures.palette import INK, MUTED, SERIES
from lab.report.language.measures import SIGNS, centre, margins, measure
from lab.report.language.numbers import finite
from lab.report.language.words import mark

MEAN, MEDIAN = mark("mean, interval"), mark("median, interval")
SEEDS = mark("first seed"), mark("last seed")
ROUNDS = mark("first round"), mark("last round")


def differences(arms, differences, interval, margin, mean, metric="", rule=""):
    """Above, every trial's value by arm, one line for each seed; below, the paired differences in order of seeds, the
    interval, and the margin that it is compared with."""
    how = measure(metric)
    names, values = [short(name) for name in arms], [finite(how.trials(values)) for values in arms.values()]
    upper = 8 + 21 * len(arms)  # points of height that the panels take
    lower = 26 + 5 * min(40, len(differences)) + 14
    height = TOP + upper + 2.2 * LINE + 8 + lower + 2.2 * LINE
    figure = Figure(figsize=(WIDTH, height / 72))
    above, below = figure.add_axes((0, 0, 1, 0.5)), figure.add_axes((0, 0.5, 1, 0.5))
    _arms(above, names, values, _named(how.name, how.unit))
    middle = centre(mean, differences, rule)
    labels = [MEDIAN if rule in SIGNS else MEAN, *(ROUNDS if how.rounds else SEEDS)]
    told, edges = how.shown(differences), how.shown(margins(margin, rule))
    _paired(below, told, how.shown(interval or [None, None]), edges, how.shown([middle]), labels)
    below.axvline(how.equal, color=MUTED, linewidth=0.8)
    finish(below, _named(mark("ratio") if how.base else mark("paired difference"), how.step), "", grid="x")
    left = room([*names, *labels])
    place(above, left, height - TOP - upper, RIGHT, TOP)
    place(below, left, 2.2 * LINE, RIGHT, height - 2.2 * LINE - lower)
    return figure


def _named(name, unit):
    return f"{name}, {unit}" if unit else name


def _arms(axes, names, values, xlabel):
    trials = [[*trial, math.nan] for trial in zip(*values)]
    axes.plot(sum(trials, []), [*range(len(names)), math.nan] * len(trials), color=MUTED, linewidth=0.4, alpha=0.5)
    for row, of in enumerate(values):
        dots(axes, of, [row] * len(of), SERIES[row % len(SERIES)], alpha=0.75)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    finish(axes, xlabel, "", grid="x")


def _paired(axes, told, interval, edges, middle, labels):
    dots(axes, told, range(1, len(told) + 1), INK, alpha=0.75)
    bottom = len(told) + max(2.4, len(told) / 14)  # far enough below the last seed for the labels to keep apart
    axes.plot(interval, [bottom, bottom], color=SERIES[0], linewidth=3, solid_capstyle="butt")
    axes.plot(middle, [bottom], "D", color=SERIES[0], markersize=6)
    for edge in edges:
        axes.axvline(edge, color=SERIES[1], linestyle="--", linewidth=1.2)
    low, high = axes.get_xlim()
    side = 1 if edges[-1] < low + 0.8 * (high - low) else -1  # the label must not leave the figure
    axes.annotate(
        mark("margin"),
        (edges[-1], 0.2),
        xytext=(3 * side, 0),
        textcoords="offset points",
        color=SERIES[1],
        fontsize=8.5,
        va="center",
        ha="left" if side > 0 else "right",
    )
    axes.set_ylim(bottom + 0.9, -0.4)
    shown = 3 if len(told) > 3 else 2  # the labels of three seeds would overlap
    axes.set_yticks([bottom, 1, len(told)][:shown], labels[:shown])
    if missing := sum(math.isnan(value) for value in told):
        axes.annotate(f"not finite: {missing}", (1, 1), xycoords="axes fraction", ha="right", va="top", color=SERIES[5])
