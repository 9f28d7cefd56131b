"""An experiment as one figure: every trial, the paired differences, the interval and the margin."""

import math

from matplotlib.figure import Figure

from lab.report.axes import WIDTH, finish, finite, short
from lab.report.svg import INK, MUTED, SERIES
from lab.report.words import mark

INTERVAL = mark("mean, interval")


def differences(arms, differences, interval, margin, mean, metric="", rule=""):
    """An experiment: above, every trial's value by arm, one line a seed; below, the paired differences in the order
    they came, the interval, and the margin that they must clear."""
    figure = Figure(figsize=(WIDTH, 1.6 + 0.3 * len(arms) + min(1.5, 0.07 * len(differences))), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=[0.5 + 0.34 * len(arms), 1.1 + 0.07 * len(differences)])
    for number_of_arm, values in enumerate(arms.values()):
        above.plot(finite(values), [number_of_arm] * len(values), "o", markersize=4, alpha=0.75,
                   color=SERIES[number_of_arm % len(SERIES)])
    trials = [[*trial, math.nan] for trial in zip(*(finite(values) for values in arms.values()))]
    above.plot(sum(trials, []), [*range(len(arms)), math.nan] * len(trials), color=MUTED, linewidth=0.4, alpha=0.5,
               zorder=0)  # one line with gaps is a tenth of the size of many
    above.set_yticks(range(len(arms)), [short(name) for name in arms])
    above.set_ylim(len(arms) - 0.5, -0.5)
    finish(above, short(metric), "", grid="x")

    told, mean = finite(differences), finite([mean])[0]
    below.plot(told, range(1, len(told) + 1), "o", markersize=4, color=INK, alpha=0.75)
    bounds = finite(interval or [None, None])
    bottom = len(told) + 2.4  # seeds below the last one, so that the labels keep apart
    below.plot(bounds, [bottom, bottom], color=SERIES[0], linewidth=3, solid_capstyle="butt")
    below.plot([mean], [bottom], "D", color=SERIES[0], markersize=6)
    edges = [-margin, margin] if rule == "equivalence" else [margin]
    for edge in edges:
        below.axvline(edge, color=SERIES[1], linestyle="--", linewidth=1.2)
    below.annotate(mark("margin"), (edges[-1], 0.2), xytext=(3, 0), textcoords="offset points", color=SERIES[1],
                   fontsize=8.5, va="center")
    below.axvline(0, color=MUTED, linewidth=0.8)
    below.set_ylim(bottom + 0.9, -0.4)
    below.set_yticks([1, len(told), bottom] if len(told) > 1 else [1, bottom],
                     [mark("first seed"), mark("last seed"), INTERVAL] if len(told) > 1 else ["seed", INTERVAL])
    finish(below, mark("paired difference"), "", grid="x")
    missing = sum(math.isnan(value) for value in told)
    if missing:
        below.annotate(f"not finite: {missing}", (1, 1), xycoords="axes fraction", ha="right", va="top",
                       color=SERIES[5])
    return figure
