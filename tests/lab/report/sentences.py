"""Evidence in one line: a measurement, or an experiment with its interval and margin."""

from functools import cache
from statistics import fmean

from markupsafe import Markup

from lab.report.measures import SIGNS, centre, margins, measure
from lab.report.numbers import column, finite, number, raised
from lab.report.words import data, t, tn

EMBEDDED = "digits"  # the data set that stands in where MNIST is absent


def line(tests):
    """The first experiment of these tests, or of each of two claims the first number that it measured."""
    holding = [test for test in tests if test["role"] == "case" and test["outcome"] not in {"NOT RUN", "BROKEN"}]
    for test in holding:
        if test["experiment"]:
            return experiment_line(test["experiment"])
    rows = {}
    for test in holding:
        rows.setdefault(test["claim"], []).extend(test["evidence"])
    telling = [next((row for row in of if isinstance(row["value"], (int, float))), of[0]) for of in rows.values() if of]
    return t("; ").join(measurement_line(row) for row in telling[:2])


def experiment_line(trial):
    """Markup of arms, difference, interval, seeds and margin of an experiment."""
    how = measure(trial["metric"])
    parts = [_difference(trial, how), _repeated(trial, how), Markup("{} {}").format(t("margin"), _margin(trial, how))]
    if len(trial["arms"]) <= 2 and not how.logarithm:
        parts.insert(0, _arms(trial["arms"], how))
    if (trial.get("data") or {}).get("name") == EMBEDDED:
        parts.append(t("on the embedded digits, MNIST being absent"))
    return unit(how.name) + t(": ") + t("; ").join(parts)


def _arms(arms, how):
    means = column([fmean(values) if (values := [one for one in finite(of) if one == one]) else None
                    for of in arms.values()])
    return t("; ").join(Markup("{} {}{}").format(data(name), mean, _unit(how.unit)) for name, mean in zip(arms, means))


def _difference(trial, how):
    what = t("ratio") if how.logarithm else t("median difference") if trial["rule"] in SIGNS else t("mean difference")
    middle = centre(trial["mean"], trial.get("differences"), trial["rule"])
    texts = column(how.shown([middle, *(trial["interval"] or (None, None))]))
    endless = ("–", "0" if how.logarithm else "−∞", "∞")
    value, low, high = (one if text == "nan" else text for text, one in zip(texts, endless))
    return Markup("{} <b>{}</b>{} [{}, {}]").format(what, value, _unit(how.step), low, high)


def _repeated(trial, how):
    if how.logarithm:
        return tn("{n} round", "{n} rounds", trial["n"])
    return tn("{n} seed", "{n} seeds", trial["n"])


def _margin(trial, how):
    low, *high = map(number, how.shown(margins(trial["margin"], trial["rule"])))
    if not high:
        return low
    return t("{low} to {high}", low=low, high=high[0]) if how.logarithm else "±" + high[0]


def contrast(trial):
    """Markup of what is subtracted from what, such as "plain − shuffled"; weights other than 1 are written."""
    terms = []
    for name, weight in (trial.get("weights") or {}).items():
        sign = "−" if weight < 0 else "+" if terms else ""
        factor = "" if abs(weight) == 1 else f"{number(abs(weight))}\u2009×\u2009"
        terms.append(Markup("{} {}{}").format(sign, factor, data(name)))
    return Markup(" ").join(terms)


def measurement_line(row):
    """Markup of one evidence row: what = value unit, and the expected value where it differs."""
    told = data(row["what"]) + t(": ") + Markup("<b>{}</b>{}").format(value(row["value"]), _unit(row["unit"]))
    if row["expected"] is not None and row["expected"] != row["value"]:
        told += Markup(" ({})").format(t("expected {expected}", expected=value(row["expected"])))
    return told


def _unit(text):
    return Markup(" {}").format(unit(text)) if text else ""


def unit(text):
    """Markup of a text in which powers, such as 10^9, are raised."""
    return data(text, change=raised)


@cache
def _word(text):
    return data(text)


def value(recorded):
    """Markup of a recorded value; words may have a translation."""
    return _word(recorded) if isinstance(recorded, str) else data(number(recorded))
