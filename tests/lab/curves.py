"""What trials record by step or by layer, as lines with bands for a figure."""
from statistics import fmean


def curves(laboratory, arms, seeds, metric):
    """{"series": {arm: means over the seeds}, "bands": {arm: [lowest, highest]}} of a metric that is a list."""
    trials = {arm.name: [trial[metric] for trial in laboratory.trials(arm, seeds)] for arm in arms}
    return {"series": {name: [fmean(values) for values in zip(*lists)] for name, lists in trials.items()},
            "bands": {name: [[min(values) for values in zip(*lists)], [max(values) for values in zip(*lists)]]
                      for name, lists in trials.items()}}
