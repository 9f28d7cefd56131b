"""What an experiment's numbers are: names and units, and ratios of cost as factors instead of logarithms."""

import math
from dataclasses import dataclass
from statistics import median

from lab.report.numbers import finite

LOGARITHM = "log ratio of "
SIGNS = {"sign", "equivalence by signs"}  # rules that speak of the median


@dataclass(frozen=True)
class Measure:
    """name and unit of a trial's value; unit of a paired difference; whether that is a ratio's logarithm."""

    name: str
    unit: str = ""
    step: str = ""
    logarithm: bool = False

    def shown(self, differences):
        """Differences as a reader sees them: logarithms as factors, NaN for what is not finite."""
        return [math.exp(value) if self.logarithm else value for value in finite(differences)]

    @property
    def nothing(self):
        """The difference of two equal arms."""
        return 1 if self.logarithm else 0


def measure(metric):
    """The Measure of an experiment's metric."""
    if metric.startswith(LOGARITHM):
        return Measure(metric.removeprefix(LOGARITHM), step="times", logarithm=True)
    name = metric.removesuffix(", %")
    if name.endswith("accuracy") or name == "generalization gap":
        return Measure(name, "%", "points")
    return Measure(name)


def centre(mean, differences, rule):
    """The difference that the interval is about: the median under a rule of signs, else the mean."""
    told = [value for value in finite(differences or ()) if not math.isnan(value)]
    return median(told) if rule in SIGNS and told else mean


def margins(margin, rule):
    """Where the margin lies on the axis of differences: on both sides of nothing for an equivalence."""
    return [-margin, margin] if rule.startswith("equivalence") else [margin]
