"""Evidence in one line: a measurement, or an experiment with its interval and margin."""

from functools import cache
from statistics import fmean

from markupsafe import Markup

from lab.report.language.measures import SIGNS, centre, margins, measure
from lab.report.language.numbers import column, finite, number, raised
from lab.report.language.words import data, escaped, in_both, mark

EMBEDDED = "digits"  # the data set that stands in where MNIST is absent


def line(tests):
    """Markup of the first experiment of these tests, or of the first number of the first claim that measured any.

    One claim alone: side by side, numbers of two claims read as if they were of one object.
    """
    holding = [test for test in tests if test["role"] == "case" and test["outcome"] not in {"NOT RUN", "BROKEN"}]
    for test in holding:
        if test["experiment"]:
            return in_both(_experiment, test["experiment"])
    claim = next((test["claim"] for test in holding if test["evidence"]), None)
    rows = [row for test in holding if test["claim"] == claim for row in test["evidence"]]
    numbers = [row for row in rows if isinstance(row["value"], (int, float))]
    return in_both(_measurement, (numbers or rows)[0]) if rows else ""


def decision_line(trial):
    """Markup of arms, difference, interval, seeds, margin and rule of an experiment."""
    return in_both(_decision, trial)


def limits_line(trial):
    """Markup of the contrast, such as "plain − shuffled", and of the rate of divergence that is not excluded."""
    return in_both(_limits, trial)


def _decision(trial, say):
    parts = [
        _experiment(trial, say),
        say("rule") + say(": ") + say(trial["rule"]),
        say("error budget") + " " + number(trial["alpha"]),
    ]
    if "e_value" in trial:
        parts.append(say("e-value") + " " + number(trial["e_value"]))
    if verdict := trial.get("verdict"):
        parts.append(Markup("<b>{}</b>").format(say(verdict)))
    return say("; ").join(parts)


def _experiment(trial, say):
    how = measure(trial["metric"])
    seeds = (
        say.many("{n} round", "{n} rounds", trial["n"]) if how.rounds else say.many("{n} seed", "{n} seeds", trial["n"])
    )
    parts = [_difference(trial, how, say), seeds, _margin(trial, how, say)]
    if len(trial["arms"]) <= 2 and not how.rounds:
        parts.insert(0, _arms(trial["arms"], how, say))
    if (trial.get("data") or {}).get("name") == EMBEDDED:
        parts.append(say("on the embedded digits, MNIST being absent"))
    return _text(how.name, say) + say(": ") + say("; ").join(parts)


def _arms(arms, how, say):
    known = [[one for one in finite(of) if one == one] for of in arms.values()]
    means = column([how.trials([fmean(values)])[0] if values else None for values in known])
    return say("; ").join(_text(name, say) + " " + mean + _unit(how.unit, say) for name, mean in zip(arms, means))


def _difference(trial, how, say):
    what = (
        mark("ratio") if how.base else mark("median difference") if trial["rule"] in SIGNS else mark("mean difference")
    )
    middle = centre(trial["mean"], trial.get("differences"), trial["rule"])
    texts = column(how.shown([middle, *(trial["interval"] or (None, None))]))
    endless = ("–", "0" if how.base else "−∞", "∞")
    value, low, high = (one if text == "nan" else text for text, one in zip(texts, endless))
    return Markup("{} <b>{}</b>{} [{},\u00a0{}]").format(say(what), value, _unit(how.step, say), low, high)


def _margin(trial, how, say):
    low, *high = map(number, how.shown(margins(trial["margin"], trial["rule"])))
    step = mark("point") if how.step == "points" and "1" in {low, *high} else how.step
    both = say("{low} to {high}", low=low, high=high[0]) if high and how.base else "±" + high[0] if high else low
    return say("margin") + " " + both + _unit(step, say)


def _limits(trial, say):
    parts = [say("difference:") + " " + _contrast(trial, say)] if trial.get("weights") else []
    if "collapse_bound" in trial and not any(trial["diverged"].values()):
        parts.append(
            say(
                "no run diverged; a rate of divergence of up to {rate} is not excluded",
                rate=number(round(100 * trial["collapse_bound"], 1)) + "\u00a0%",
            )
        )
    return say("; ").join(parts)


def _contrast(trial, say):
    """What is subtracted from what; weights other than 1 are written."""
    terms = []
    for name, weight in sorted(trial["weights"].items(), key=lambda item: -item[1]):
        sign = "− " if weight < 0 else "+ " if terms else ""
        factor = "" if abs(weight) == 1 else f"{number(abs(weight))}\u2009×\u2009"
        terms.append(sign + factor + _text(name, say))
    return Markup(" ").join(terms)


def _measurement(row, say):
    """what: value unit, and the expected value where it differs."""
    told = (
        _text(row["what"], say)
        + say(": ")
        + Markup("<b>{}</b>{}").format(_text(number(row["value"]), say), _unit(row["unit"], say))
    )
    if row["expected"] is not None and row["expected"] != row["value"]:
        told += Markup(" ({})").format(say("expected {expected}", expected=_text(number(row["expected"]), say)))
    return told


def _text(text, say):
    return escaped(raised(say.of(text)))


def _unit(text, say):
    return "\u00a0" + _text(text, say) if text else ""


def unit(text):
    """Markup of a text in which powers, such as 10^9, are raised."""
    return data(text, change=raised)


@cache
def _word(text):
    return data(text)


def value(recorded):
    """Markup of a recorded value; words may have a translation."""
    return _word(recorded) if isinstance(recorded, str) else data(number(recorded))
