"""What trials record by step or by layer, as lines with bands for a figure."""

from statistics import fmean


def curves(laboratory, arms, seeds, metric):
    """{"series": {arm: means over the seeds}, "bands": {arm: [lowest, highest]}} of a metric that is a list."""
    return banded({arm.name: list(zip(*[trial[metric] for trial in laboratory.trials(arm, seeds)])) for arm in arms})


def banded(lines):
    """The same of {name: [values of all seeds, for each point of the line]}."""
    return {
        "series": {name: list(map(fmean, points)) for name, points in lines.items()},
        "bands": {name: [list(map(min, points)), list(map(max, points))] for name, points in lines.items()},
    }
