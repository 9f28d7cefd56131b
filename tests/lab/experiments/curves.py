"""What trials record by step or by layer, as lines with bands for a figure."""

from statistics import fmean

import torch

from lab.training.sgd import CURVE_POINTS


def curves(laboratory, arms, seeds, metric):
    """{"series": {arm: means over the seeds}, "bands": {arm: [lowest, highest]}} of a metric that is a list."""
    return banded({arm.name: list(zip(*[trial[metric] for trial in laboratory.trials(arm, seeds)])) for arm in arms})


def loss_curves(laboratory, arms, seeds):
    """A figure's data: the arms' "loss curve", each point in the middle of the steps that it is the mean of."""
    steps = torch.arange(1.0, arms[0].recipe["steps"] + 1)
    middles = [part.mean().item() for part in steps.tensor_split(min(CURVE_POINTS, len(steps)))]
    return {
        "x": middles,
        "xlabel": "step",
        "ylabel": "cross-entropy, nats",
        **curves(laboratory, arms, seeds, "loss curve"),
    }


def banded(lines):
    """The same of {name: [values of all seeds, for each point of the line]}."""
    return {
        "series": {name: list(map(fmean, points)) for name, points in lines.items()},
        "bands": {name: [list(map(min, points)), list(map(max, points))] for name, points in lines.items()},
    }
