"""What a claim records: rows, figures and experiments, kept as plain data on the test's report."""

import math
from numbers import Integral, Real


class Evidence:
    """Writes to a test's `user_properties`, which pytest carries from worker processes into reports and JUnit XML."""

    def __init__(self, properties):
        self._properties = properties

    def measured(self, what, value, expected=None, unit="", convention="", source=""):
        """One row: what was measured, its value (number, text or list), the expected one, unit, counting convention
        and, for a figure from outside, its published source."""
        row = {"what": what, "value": value, "expected": expected,
               "unit": unit, "convention": convention, "source": source}
        self._properties.append(("measured", plain(row)))

    def figure(self, kind, title, **data):
        """A picture as data; `kind` names the function of lab.report.plots that draws it."""
        self._properties.append(("figure", plain({"kind": kind, "title": title, **data})))

    def experiment(self, comparison):
        """A comparison of arms over seeds (lab.experiments), with every trial's value."""
        self._properties.append(("experiment", plain(comparison.as_evidence())))


def plain(value):
    """The same value in JSON's own types: tensors and arrays as lists, non-finite numbers as words.

    Raises TypeError for anything that has no such form, so that nothing is recorded by its address.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # torch tensors, numpy arrays and scalars
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else str(float(value))
    raise TypeError(f"{value!r} can't be recorded as evidence; record numbers, text, or lists and tables of them.")
