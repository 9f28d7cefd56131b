"""Metrics of experiments as a reader sees them: names and units, and ratios as factors instead of logarithms."""

import math
from dataclasses import dataclass
from statistics import median

from lab.report.language.numbers import finite
from lab.report.language.words import mark

LOGARITHM = "log ratio of "
DOUBLINGS = {"doublings": mark("steps to the same loss")}  # metrics whose trials are log2 of what they count
SHARES = {"generalization gap", "central share"}  # in percent, as every accuracy
SIGNS = {"sign", "equivalence by signs"}  # rules that speak of the median


@dataclass(frozen=True)
class Measure:
    """What a metric measures."""

    name: str
    unit: str = ""  # of a trial's value
    step: str = ""  # unit of a paired difference
    base: float = 0  # of the logarithm that differences are, or 0
    rounds: bool = False  # measured in rounds, not from seeds; then trials are no logarithms

    def shown(self, differences):
        """Differences as a reader sees them: logarithms as factors, NaN for what is not finite."""
        return [self._factor(value) if self.base else value for value in finite(differences)]

    def _factor(self, logarithm):
        try:
            return self.base**logarithm
        except OverflowError:
            return math.inf

    def trials(self, values):
        """Trials as a reader sees them."""
        return values if self.rounds else self.shown(values)

    @property
    def equal(self):
        """The difference of two equal arms, as a reader sees it."""
        return 1 if self.base else 0


def measure(metric):
    """The Measure of an experiment's metric."""
    if metric.startswith(LOGARITHM):
        return Measure(metric.removeprefix(LOGARITHM), step="times", base=math.e, rounds=True)
    if metric in DOUBLINGS:
        return Measure(DOUBLINGS[metric], step="times", base=2)
    name = metric.removesuffix(", %")
    if name.endswith("accuracy") or name in SHARES:
        return Measure(name, "%", "points")
    if name == "accuracy lost" or name.startswith("lost, "):
        return Measure(name, "points", "points")
    return Measure(name)


def trained(test):
    """Whether a test of evidence.json compares trained arms, and not costs in rounds of measuring."""
    return bool(test["experiment"]) and not measure(test["experiment"]["metric"]).rounds


def centre(mean, differences, rule):
    """The difference that the interval is about: the median under a rule of signs, else the mean."""
    told = [value for value in finite(differences or ()) if not math.isnan(value)]
    return median(told) if rule in SIGNS and told else mean


def margins(margin, rule):
    """Where the margin lies on the axis of differences: on both sides of 0 for an equivalence."""
    return [-margin, margin] if rule.startswith("equivalence") else [margin]
