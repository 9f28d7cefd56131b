"""The drawings of one page, each made once, and kept for the next page."""

import hashlib
import json
import re
from functools import cache
from itertools import count
from pathlib import Path

from markupsafe import Markup

from lab.report.figures.shown import of_test, split
from lab.report.language.catalogue import translated
from lab.report.language.measures import measure

OURS = re.compile(r'(?<=[=#"])drawn(?=\.\d)')  # how the ids of a drawing's parts begin, before it has its number


class Drawings:
    """Drawings by claim and figure: two claims may show the same figure, and no two elements of a page share an id.

    A run draws what a test shows as soon as the test ends: worker processes train meanwhile, and at the run's end
    only this process would be busy, for two to three seconds after a run of the whole lecture.

    kept: drawings of an earlier page, as `self.kept` has them: {checksum of figure and words: [markup, style classes]}.
    """

    def __init__(self, kept=None):
        self._before, self.kept = kept or {}, {}
        self._made, self._numbers = {}, count(1)

    def begin(self, test):
        """Draw what a page certainly shows of this test; of a near-miss that depends on its claim's cases."""
        for figure in of_test(test) if test["role"] == "case" else ():
            self.of(split(test["nodeid"])[0], figure)

    def of(self, function, figure):
        """(Markup, style classes) of a figure of this claim."""
        key = function, repr(figure)
        if key not in self._made:
            markup, styles = self._drawn(figure)
            self._made[key] = Markup(OURS.sub(f"d{next(self._numbers)}", markup)), styles
        return self._made[key]

    def _drawn(self, figure):
        name = _checksum(figure)
        if name in self._before:
            self.kept[name] = self._before[name]
        if name not in self.kept:
            from lab.report.figures import plots  # matplotlib takes a third of a second

            self.kept[name] = plots.draw(figure, "drawn")
        return self.kept[name]


def read(path):
    """Drawings that an earlier page kept; {} where there are none, or none that can be read."""
    try:
        return {name: (str(markup), dict(styles)) for name, (markup, styles) in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep(drawings, path):
    """Write the drawings of this page for the next; where that fails, the next draws them anew."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(drawings.kept), encoding="utf-8")
    except OSError:
        return


def _checksum(figure):
    """Of a figure, its words in Chinese, and the code that draws it."""
    words = [translated(text, "zh") for text in _texts(figure)]
    metric = measure(figure["metric"]).name if isinstance(figure.get("metric"), str) else ""
    told = repr((figure, words, translated(metric, "zh"), _code()))
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:24]


def _texts(value):
    if isinstance(value, str):
        yield value
    for part in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)


@cache
def _code():
    """Of the drawing code, and of the page's own words, some of which it writes."""
    report = Path(__file__).parents[1]
    files = [*report.glob("figures/*.py"), *report.glob("language/*.py"), *report.glob("language/**/report.po")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
