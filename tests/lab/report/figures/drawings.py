"""The drawings of one page, each made once."""

from itertools import count

from lab.report.figures import plots
from lab.report.figures.shown import of_test, split


class Drawings:
    """Drawings by claim and figure: two claims may show the same figure, and no two elements of a page share an id.

    A run draws what a test shows as soon as the test ends: worker processes train meanwhile, and at the run's end
    only this process would be busy, for two to three seconds after a run of the whole lecture.
    """

    def __init__(self):
        self._made, self._numbers = {}, count(1)

    def begin(self, test):
        """Draw what a page certainly shows of this test; of a near-miss that depends on its claim's cases."""
        for figure in of_test(test) if test["role"] == "case" else ():
            self.of(split(test["nodeid"])[0], figure)

    def of(self, function, figure):
        """(Markup, style classes) of a figure of this claim."""
        key = function, repr(figure)
        if key not in self._made:
            self._made[key] = plots.draw(figure, f"d{next(self._numbers)}")
        return self._made[key]
