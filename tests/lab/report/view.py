"""Evidence as the template reads it: sections, statements, claims and cases, in the lecture's order."""

import re
import shlex
from collections import Counter
from functools import cache
from itertools import count

from markupsafe import Markup, escape

from lab.report import plots
from lab.report.numbers import column, number, raised, seconds
from lab.report.source import highlighted
from lab.report.words import OUTCOMES, VERDICTS, data, mark, pair, t

CASE = re.compile(r"(?P<function>.*?\.py::[^\[]+)\[(?P<case>.*)\]", re.DOTALL)
PASSING = {"HOLDS", "CAUGHT"}


class View:
    """What the template shows of one evidence dict; drawing collects the style classes that the figures need."""

    def __init__(self, evidence):
        self.evidence = evidence
        self.run = evidence["run"]
        self.styles = {}
        self._numbers = count(1)
        self._tests = {}
        for test in evidence["tests"]:
            self._tests.setdefault(test["statement"], []).append(test)
        self.statements = [self._statement(statement) for statement in evidence["statements"]]
        self.sections = [self._section(section) for section in evidence["sections"]]
        self.counts = _counted(statement["verdict"] for statement in self.statements)
        self.kinds = [kind for kind in dict.fromkeys(kind for one in self.statements for kind in one["kinds"])]
        self.corrections = [one for one in self.statements
                            if one["verdict"] in {"corrected", "refuted"} and one["correction"]]

    def _section(self, section):
        statements = [one for one in self.statements if one["section"] == section["id"]]
        return {**section, "anchor": anchor(section["id"]), "title": pair({"en": section["en"], "zh": section["zh"]}),
                "statements": statements, "counts": _counted(one["verdict"] for one in statements)}

    def _statement(self, statement):
        tests = self._tests.get(statement["id"], [])
        functions = {}
        for test in tests:
            functions.setdefault(split(test["nodeid"])[0], []).append(test)
        claims = [self._claim(function, group) for function, group in functions.items()]
        kinds = statement["kind"]
        outcomes = Counter(test["outcome"] for test in tests)
        return {**statement, "anchor": anchor(statement["id"]), "icon": VERDICTS[statement["verdict"]],
                "kinds": [kinds] if isinstance(kinds, str) else list(kinds),
                "correction": statement.get("correction") or {}, "claims": claims, "line": _line(tests),
                "outcomes": [(word, outcomes[word]) for word in OUTCOMES if outcomes[word]],
                "reasons": list(dict.fromkeys(test["reason"] for test in tests
                                              if test["outcome"] not in PASSING and test["reason"])),
                "duration": seconds(sum(test["duration_s"] for test in tests)) if tests else ""}

    def _claim(self, function, tests):
        cases = [self._case(test) for test in tests]
        source = next((test["source"] for test in tests if test.get("source")), "")
        drawings = {}  # by what is drawn: cases often record the same figure
        for test in tests:
            for figure in _figures(test):
                drawings.setdefault(repr(figure), (figure, split(test["nodeid"])[1]))
        return {"text": tests[0]["claim"], "function": function, "command": f"pytest {shlex.quote(function)}",
                "cases": [case for case in cases if case["role"] == "case"],
                "near_misses": [case for case in cases if case["role"] == "counterexample"],
                "figures": [self._figure(*drawing) for drawing in drawings.values()],
                "anchor": f"c{next(self._numbers)}",
                "source": highlighted(source) if source else "",
                "runs": self._runs(tests),
                "duration": seconds(sum(test["duration_s"] for test in tests))}

    def _runs(self, tests):
        """Names of the runs that these tests come from, on a merged page."""
        runs = self.evidence.get("runs") or []
        return [runs[index]["name"] for index in sorted({test["run"] for test in tests if "run" in test})]

    def _case(self, test):
        return {**test, "name": split(test["nodeid"])[1], "passing": test["outcome"] in PASSING,
                "trials": _trials(test["experiment"])}

    def _figure(self, figure, case):
        markup, styles = plots.draw(figure, f"d{next(self._numbers)}")
        for name, body in styles.items():
            brief = self.styles.setdefault(body, f"f{len(self.styles)}")
            markup = markup.replace(Markup('"{}"').format(name), Markup('"{}"').format(brief))
        return {"title": data(figure["title"]), "markup": markup, "case": case}


def split(nodeid):
    """(function's nodeid, case in words) of a test's nodeid."""
    parts = CASE.fullmatch(nodeid)
    return (parts["function"], parts["case"]) if parts else (nodeid, "")


def anchor(identifier):
    """A statement's address in the page: its id, which must not hold white space there; escaped for an attribute."""
    return escape(re.sub(r"\s", "_", identifier))


def _counted(words):
    counts = Counter(words)
    return [(word, counts[word]) for word in VERDICTS if counts[word]]


def _figures(test):
    yield from test.get("figures") or []
    trial = test["experiment"]
    if trial and trial.get("differences") and test["role"] == "case":  # of a near-miss, numbers say enough
        wanted = ("arms", "differences", "interval", "margin", "mean", "metric", "rule")
        yield {"kind": "differences", "title": mark("Every trial, and the paired differences"),
               **{name: trial.get(name) for name in wanted}}


def _trials(trial):
    """Rows of an experiment's table, each seed with every arm's value."""
    if not trial:
        return None
    recipes = [recipe for recipe in trial["recipe"].values() if isinstance(recipe, dict)]
    common = {key: value for key, value in (recipes or [{}])[0].items()
              if all(key in recipe and recipe[key] == value for recipe in recipes)}
    own = {name: {key: value for key, value in recipe.items() if key not in common}
           for name, recipe in trial["recipe"].items() if isinstance(recipe, dict)}
    columns = [*trial["arms"].values(), *([trial["differences"]] if trial.get("differences") else [])]
    diverged = {name: runs for name, runs in (trial.get("diverged") or {}).items() if runs}
    return {**trial, "contrast": contrast(trial), "diverged": diverged,
            "common": common, "own": {name: recipe for name, recipe in own.items() if recipe},
            "rows": list(zip(map(str, trial["seeds"]), *map(column, columns)))}


def _line(tests):
    """The evidence in one line: the first experiment, or of each of two claims the first number that it measured."""
    holding = [test for test in tests if test["role"] == "case" and test["outcome"] not in {"NOT RUN", "BROKEN"}]
    for test in holding:
        if test["experiment"]:
            return experiment_line(test["experiment"])
    rows = {}
    for test in holding:
        rows.setdefault(test["claim"], []).extend(test["evidence"])
    telling = [next((row for row in of if isinstance(row["value"], (int, float))), of[0]) for of in rows.values() if of]
    return Markup("; ").join(measurement_line(row) for row in telling[:2])


def experiment_line(trial):
    """Markup of mean, interval, seeds and margin of an experiment; an unbounded end of the interval is infinite."""
    low, high = trial["interval"] or (None, None)
    return data(trial["metric"]) + ": " + t(
        "paired difference {mean} [{low}, {high}] over {n} seeds, margin {margin}", mean=number(trial["mean"]),
        low="−∞" if low is None else number(low), high="∞" if high is None else number(high), n=number(trial["n"]),
        margin=number(trial["margin"]))


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
    line = Markup("{}: <b>{}</b>").format(data(row["what"]), value(row["value"]))
    if row["unit"]:
        line += Markup(" {}").format(unit(row["unit"]))
    if row["expected"] is not None and row["expected"] != row["value"]:
        line += Markup(" ({})").format(t("expected {expected}", expected=value(row["expected"])))
    return line


def unit(text):
    """Markup of a unit."""
    return data(text, change=raised)


@cache
def _word(text):
    return data(text)


def value(recorded):
    """Markup of a recorded value; words may have a translation."""
    return _word(recorded) if isinstance(recorded, str) else data(number(recorded))
