"""The result of a paired experiment, as tests read it and evidence keeps it."""

from dataclasses import dataclass

from lab.statistics.decisions import Decision


@dataclass(frozen=True)
class Comparison(Decision):
    """A decision on one contrast, from `n` pairs in the order of the seeds, up to the deciding one.

    `arms`: {name: values}; `weights`: {name: weight}; `diverged`: {name: number of runs that count as chance};
    `collapse_bound`: were all runs clean, they may still diverge at this rate (see lab.statistics); `data`: name,
    sha256 and whether it is the publisher's, None for trials without a data set; `recipe`: {arm: recipe}.
    """

    metric: str
    arms: dict[str, list[float]]
    weights: dict[str, float]
    diverged: dict[str, int]
    collapse_bound: float
    seeds: list[int]
    data: dict | None
    recipe: dict
