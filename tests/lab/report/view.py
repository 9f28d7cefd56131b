"""Evidence as the template reads it: sections, statements, claims and cases, in the lecture's order."""

import html
import re
import shlex
from collections import Counter
from itertools import combinations, count

from markupsafe import Markup, escape

from lab.claims.outcomes import COST, NEEDS_CUDA, UNMEASURED, lacking
from lab.report.cases import PASSING, absence, case, quantity
from lab.report.costs.section import section
from lab.report.explorables import explorable
from lab.report.figures.drawings import Drawings
from lab.report.figures.shown import shown, split
from lab.report.language.measures import trained
from lab.report.language.numbers import seconds
from lab.report.language.sentences import EMBEDDED, line
from lab.report.language.words import COUNTED, ORIGINS, OUTCOMES, STALE, VERDICTS, data, escaped, pair
from lab.report.runs.compare import reached_twice
from lab.report.runs.fold import folded, of_this_run
from lab.report.runs.machines import differences
from lab.report.runs.merge import one_code
from lab.report.runs.verdicts import spells, turns

ANSWERED = {"published", "recorded"}  # by a source, or by trials of an earlier day, as is recorded


class View:
    """What the template shows of one evidence dict, and `styles`, the style classes that its figures need.

    drawings: Drawings of the run that found the evidence, where it drew some already. history: the verdicts of the last
    runs, see runs/verdicts.py.
    """

    def __init__(self, evidence, drawings=None, history=()):
        self.evidence, self.drawings = evidence, drawings or Drawings()
        self.run = evidence["run"]
        self.styles = {}
        self._numbers = count(1)
        self._spells = spells(history)
        self.turns = turns(history)
        self.folded = folded(evidence)
        self.kept = len(evidence["tests"]) - len(of_this_run(evidence)) if self.folded else 0
        self._tests = {}
        self.of = {test["nodeid"]: test["statement"] for test in evidence["tests"]}
        self.said = {one["id"]: pair({"en": one["en"], "zh": one["zh"]}) for one in evidence["statements"]}
        for test in evidence["tests"]:
            self._tests.setdefault(test["statement"], []).append(test)
        self._statement_ids = {one["id"] for one in evidence["statements"]}
        self.statements = [self._statement(statement) for statement in evidence["statements"]]
        self.sections = [self._section(section) for section in evidence["sections"]]
        self.counts = _counted(statement["counted"] for statement in self.statements)
        self.verdicts = _counted(statement["verdict"] for statement in self.statements)
        self.origins = _counted((statement["origin"] for statement in self.statements), ORIGINS)
        self.kinds = list(dict.fromkeys(kind for one in self.statements for kind in one["kind"]))
        self.explorables = list(
            dict.fromkeys(one["explorable"]["kind"] for one in self.statements if one["explorable"])
        )
        self.corrections = [one for one in self.statements if one["established"] and one["correction"]]
        runs = [] if self.folded else evidence.get("runs") or []  # what was added to a page says itself what is stale
        self.machines = any(differences(*pair) for pair in combinations([run["machine"] for run in runs], 2))
        self.mixed = bool(runs) and not one_code([run["commit"] for run in runs])
        changes = (evidence.get("comparison") or {}).get("verdicts", ())
        self.reached = [change for change in changes if not reached_twice(change)]
        self.changed = [change for change in changes if reached_twice(change)]
        self.costs = section(evidence, lambda figure: self._figure("costs", figure, ""))
        self.embedded = any(told["name"] == EMBEDDED for told in self.run["data"])

    def _section(self, section):
        statements = [one for one in self.statements if one["section"] == section["id"]]
        return {
            **section,
            "anchor": anchor(section["id"]),
            "title": pair({"en": section["en"], "zh": section["zh"]}),
            "statements": statements,
            "counts": _counted(one["counted"] for one in statements),
        }

    def _statement(self, statement):
        tests = self._tests.get(statement["id"], [])
        functions = {}
        for test in tests:
            functions.setdefault(split(test["nodeid"])[0], []).append(test)
        claims = [self._claim(function, group) for function, group in functions.items()]
        outcomes = Counter(test["outcome"] for test in tests)
        return {
            **statement,
            "anchor": anchor(statement["id"]),
            "icon": VERDICTS[statement["verdict"]],
            "stale": statement.get("stale", []),
            "earlier": [name for _, name in self._runs(tests)] if self.folded else [],
            "counted": STALE if statement.get("stale") else statement["verdict"],
            "spells": self._spells.get(statement["id"], []),
            "former": [anchor(id) for id in statement["was"] if id not in self._statement_ids],
            "claims": claims,
            "explorable": explorable(statement.get("explore"), tests),
            "line": line(tests),
            "left_out": self._left_out(statement, functions),
            "established": statement["verdict"] == statement["recorded"],
            "answer": statement["recorded"] if statement["verdict"] in {statement["recorded"], *ANSWERED} else "",
            "outcomes": [(word, outcomes[word]) for word in OUTCOMES if outcomes[word]],
            "reasons": list(
                dict.fromkeys(
                    (reason, test["outcome"] in UNMEASURED)
                    for test in tests
                    for reason in (test["reason"], test.get("lacking", ""))
                    if test["outcome"] not in PASSING and reason
                )
            ),
            "duration": seconds(sum(test["duration_s"] for test in tests)) if tests else "",
        }

    def _left_out(self, statement, ran):
        """Commands that run what this run left out of a statement, apart from cases of claims that did run."""
        missing = dict.fromkeys(split(nodeid)[0] for nodeid in statement.get("unrun", ()))
        return [
            command(self.run, function, "gpu" if "gpu" in statement["kind"] else "")
            for function in missing
            if function not in ran
        ]

    def _claim(self, function, tests):
        cases = [case(test) for test in tests]
        source = next((test["source"] for test in tests if test.get("source")), "")
        run = self.evidence["runs"][tests[0]["run"]] if "run" in tests[0] else self.run
        return {
            "text": tests[0]["claim"],
            "command": command(run, function, run.get("costs") or _asked_by(tests)),
            "cases": [one for one in cases if one["role"] == "case"],
            "near_misses": [one for one in cases if one["role"] == "counterexample"],
            "quantity": quantity(tests),
            "absence": absence(tests),
            "measured": any(test["evidence"] for test in tests),
            "units": any(row["unit"] for test in tests for row in test["evidence"]),
            "figures": [self._figure(function, *drawing) for drawing in shown(tests)],
            "anchor": f"c{next(self._numbers)}",
            "source": Markup(html.escape(source, quote=False)),  # code is full of quotes
            "runs": self._runs(tests) if self._mixes_runs(tests[0]["statement"]) else [],
            "trained": any(map(trained, tests)),
            "duration": seconds(sum(test["duration_s"] for test in tests)),
        }

    def _runs(self, tests):
        """(number, name) of each run that these tests come from, where it is not the page's one or last."""
        runs = self.evidence.get("runs") or []
        named = {test["run"] for test in tests if "run" in test and ("stale" in test or not self.folded)}
        return [(index + 1, runs[index]["name"]) for index in sorted(named)]

    def _mixes_runs(self, statement):
        """Do the statement's tests come from several runs? Else it says itself which, unless the page is merged."""
        return not self.folded or len({test["run"] for test in self._tests[statement]}) > 1

    def _figure(self, function, figure, case):
        markup, styles = self.drawings.of(function, figure)
        for name, body in styles.items():  # names in the order of the page, a fifth of the length, save 15 kB
            brief = self.styles.setdefault(body, f"f{len(self.styles)}")
            markup = markup.replace(name, brief)
        return {"title": data(figure["title"]), "markup": markup, "case": case}


def command(run, function, marks=""):
    """Markup of the shell command that repeats a claim as the run did; a line may break before the test's name."""
    text = f"{run.get('repeat', 'pytest')} {f'-m {shlex.quote(marks)} ' if marks else ''}{shlex.quote(function)}"
    return Markup("<wbr>").join(escaped(part) for part in re.findall(r".+?(?:::|$)", text, re.DOTALL))


def _asked_by(tests):
    """What -m must say for these tests to be made, where the run did not make them for want of it."""
    reasons = [lacking(test) for test in tests if test["outcome"] in UNMEASURED]
    if reasons and all(reason.startswith(NEEDS_CUDA) for reason in reasons):
        return "gpu"
    return "benchmark" if any(reason.startswith(COST) for reason in reasons) else ""


def anchor(identifier):
    """A statement's id as an id of HTML, which holds no white space; escaped for an attribute."""
    return escape(re.sub(r"\s", "_", identifier))


def _counted(words, vocabulary=COUNTED):
    counts = Counter(words)
    return [(word, counts[word]) for word in vocabulary if counts[word]]
