"""What a claim records: rows, figures and experiments, kept as plain data on the test's report."""

import json
import math
from numbers import Integral, Real
from statistics import fmean

from lab.errors import LabError

LARGEST = 10**6  # letters of a row or a figure as JSON, a tenth of the page of the whole lecture


class Unrecordable(LabError, TypeError):
    """A value that evidence.json or the page can't hold."""


class Evidence:
    """Writes to a test's `user_properties`, which pytest carries from worker processes into reports and JUnit XML."""

    def __init__(self, properties):
        self._properties = properties

    def measured(self, what, value, expected=None, unit="", convention="", source=""):
        """One row: what was measured, its value (number, text or list), the expected one, unit, counting convention
        and, for a figure from outside, its published source."""
        row = {
            "what": what,
            "value": value,
            "expected": expected,
            "unit": unit,
            "convention": convention,
            "source": source,
        }
        self._keep("measured", what, row, ("what", "unit", "convention", "source"))

    def figure(self, kind, title, **data):
        """A picture as data; `kind` names the function of lab.report.figures.plots that draws it."""
        self._keep("figure", title, {"kind": kind, "title": title, **data}, ("kind", "title"))

    def preset(self, settings, **measured):
        """A case as the statement's explorable can show it: what it sets, such as lab.counting.geometry's, and what the
        claim measured there, by the names of the explorable's outputs. Without settings nothing is kept.
        """
        if settings:
            self._keep("preset", ", ".join(measured), {"settings": settings, "measured": measured}, ())

    def experiment(self, comparison):
        """A comparison of arms over seeds (lab.experiments.laboratory), with every trial's value."""
        if not hasattr(comparison, "as_evidence"):
            raise Unrecordable(
                f"an experiment is a comparison, got {type(comparison).__name__}: give what laboratory.compare returned"
            )
        self._properties.append(("experiment", plain(comparison.as_evidence())))

    def _keep(self, name, title, entry, texts):
        """Raises Unrecordable here, in the claim that is to blame, and not when the page of all claims is written."""
        what = f"evidence.{name}({title!r:.200}, ...)"
        for field in texts:
            if not isinstance(entry[field], str):
                raise Unrecordable(f"{what} has the {field} {entry[field]!r:.200}: give it as text")
        try:
            entry = plain(entry)
            length = len(json.dumps(entry))
        except (ValueError, TypeError, OverflowError, RuntimeError) as error:
            raise Unrecordable(
                f"{what} can't be recorded ({error}): record numbers, text, or lists and tables of them"
            ) from error
        if length > LARGEST:
            raise Unrecordable(
                f"{what} is {length:,} letters long, and at most {LARGEST:,} are kept: record a part or a summary of it"
            )
        self._properties.append((name, entry))


def bars_of_means(comparison):
    """For a figure of bars: the arms of a comparison, and the mean of each over the seeds."""
    return {"labels": list(comparison.arms), "values": [fmean(values) for values in comparison.arms.values()]}


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
    raise TypeError(f"{type(value).__name__} is no type of JSON's")
