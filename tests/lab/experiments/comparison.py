"""The result of a paired experiment, as tests read it and evidence keeps it."""

from dataclasses import dataclass
from numbers import Real

from lab.errors import WrongArgument
from lab.experiments.store import named
from lab.statistics.decisions import Decision, collapse_bound, decide


@dataclass(frozen=True)
class Comparison(Decision):
    """A decision on one contrast, from `n` pairs in the order of the seeds, up to the deciding one.

    `arms`: {name: values}; `weights`: {name: weight}; `diverged`: {name: number of runs that count as chance};
    `collapse_bound`: were all runs clean, they may still diverge at this rate (see lab.statistics); `data`: name,
    sha256 and whether it is the publisher's, None for trials without a data set; `recipe`: {arm: recipe}; `recorded`:
    where the trials come from, if this run did not make them: machines, first and last day, trials, and how many of
    them were made by other code.
    """

    metric: str
    arms: dict[str, list[float]]
    weights: dict[str, float]
    diverged: dict[str, int]
    collapse_bound: float
    seeds: list[int]
    data: dict | None
    recipe: dict
    recorded: dict | None = None


def compared(contrast, trials, metric, margin, rule, alpha, seeds, data):
    """The Comparison of {arm: weight}, from {arm: [dict of metrics for each of `seeds`]} and the data that they saw.

    Raises WrongArgument where the trials of an arm have no such metric.
    """
    for arm, (trial, *_) in trials.items():
        if not isinstance(trial.get(metric), Real):
            metrics = ", ".join(sorted(metric for metric, value in trial.items() if isinstance(value, Real)))
            raise WrongArgument(f"the trials of {arm.name} have no number {metric!r:.60}: choose one of {metrics}")
    values = {arm.name: [trial[metric] for trial in of_arm] for arm, of_arm in trials.items()}
    weights = {arm.name: weight for arm, weight in contrast.items()}
    differences = [sum(weights[name] * values[name][i] for name in values) for i in range(len(seeds))]
    resolution = max(trial.get(f"{metric} step", 0.0) for of_arm in trials.values() for trial in of_arm)
    decision = decide(differences, margin, rule, alpha, resolution)
    return Comparison(
        **vars(decision),
        metric=metric,
        weights=weights,
        seeds=seeds[: decision.n],
        arms={name: of_arm[: decision.n] for name, of_arm in values.items()},
        diverged={
            arm.name: sum(trial.get("diverged", 0.0) > 0 for trial in of_arm[: decision.n])
            for arm, of_arm in trials.items()
        },
        collapse_bound=collapse_bound(decision.n, alpha),
        data=data,
        recipe={arm.name: named(arm.recipe) for arm in contrast},
    )
