"""Evidence in which every text that comes from outside is hostile: a merged page that is also compared."""

import copy

from lab.claims.course import KINDS, ORIGINS
from lab.claims.course_rules import EXPLORABLES
from lab.report.figures.plots import FIGURES
from lab.report.language.words import OUTCOMES, VERDICTS
from lab.report.runs.compare import compare
from lab.report.runs.merge import merge
from selfcheck.report_samples import sample

HOSTILE = {
    "a script": "<script>document.title='hacked'</script>",
    "quotes and a handler": "\"'><img src=x onerror=alert(1)>",
    "templates and comments": "{{ 7 * 7 }} {% raw %} {0} {x} $\\frac{ ]]> <!-- -->",
    "right to left": "right\u202eto left\u202c mark",
    "other scripts": "卷积神经网络 🧠 كتاب",
    "what no encoding holds": "zero\x00byte and \ud800 half a pair",
    "white space": "two\nlines\tand a tab",
    "10,000 letters": "x" * 10_000,
}
OURS = {*VERDICTS, *OUTCOMES, *KINDS, *ORIGINS, *FIGURES, *EXPLORABLES, "case", "counterexample", "nan"}
NAMES = {"id", "statement", "section", "nodeid", "slug", "tests", "unrun"}  # what refers to something, and must still


def everywhere(text, statements=8):
    """Evidence with `text` in the place of each text, at the end of each name, and in the names of arms and series."""
    laptop, box = sample(statements, 1), sample(statements, 1)
    laptop["statements"][0].update(verdict="not run", unrun=["tests/test_else.py::test_else"])
    box["run"].update(cpu="another", commit="fedcba98", complete=False)
    for test in laptop["tests"][1::2]:
        test.update(outcome="BROKEN", reason="ZeroDivisionError")
    merged = merge([laptop, box], ["laptop", "box"], differing=True)
    changed = copy.deepcopy(box)
    changed["statements"][0]["verdict"] = "undecided"
    changed["tests"][0]["experiment"]["mean"] = 2.0
    changed["tests"][4]["evidence"][0]["value"] = "another"
    return _hostile({**merged, "comparison": compare(changed, merged)}, text)


def _hostile(value, text, place=""):
    if isinstance(value, dict):
        named = {"arms", "series", "bands", "weights", "diverged", "recipe", "packages", "versions", "machines"}
        added = text if place in named else ""
        return {key + added: _hostile(one, text, place if place == "recipe" else key) for key, one in value.items()}
    if isinstance(value, list):
        return [_hostile(one, text, place) for one in value]
    if not isinstance(value, str) or value in OURS:
        return value
    return value + text if place in NAMES else text
