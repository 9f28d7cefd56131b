"""The result of a paired experiment, as tests read it and evidence keeps it."""
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """What the paired differences of one contrast say; `n` pairs in the order of the seeds, up to the deciding one.

    `interval`: of the difference, in the metric's unit; `worst`: the pair least favourable to the claim;
    `arms`: {name: values}; `weights`: {name: weight}; `diverged`: {name: number of runs that count as chance};
    `collapse_bound`: were all runs clean, they may still diverge at this rate (see lab.statistics); `data`: name,
    sha256 and whether it is the publisher's, None for trials without a data set; `recipe`: {arm: recipe}.
    """
    verdict: str
    rule: str
    n: int
    mean: float
    sd: float
    interval: tuple[float, float]
    e_value: float
    worst: float
    margin: float
    alpha: float
    metric: str
    differences: list[float]
    arms: dict[str, list[float]]
    weights: dict[str, float]
    diverged: dict[str, int]
    collapse_bound: float
    seeds: list[int]
    data: dict | None
    recipe: dict

    def as_evidence(self):
        """The `experiment` of evidence.json; an end of the interval that is not finite is None."""
        ends = [end if math.isfinite(end) else None for end in self.interval]
        finite = {name: value if math.isfinite(value) else None
                  for name, value in [("mean", self.mean), ("sd", self.sd), ("worst", self.worst)]}
        return {**self.__dict__, **finite, "interval": ends}
