"""Sequential decisions on paired differences between two arms of an experiment.

Call a rule after every pair with all differences so far, and stop at the first "confirmed" or
"refuted": with independent pairs each of the two is wrong with probability at most alpha, however often one
looks (see lab.statistics.e_values); a refuted equivalence, which may lie beyond either end, with at most 2 alpha.
"undecided" at the end of the budget is an outcome of its own, never a pass.

- The t rule assumes nearly normal differences; `paired_verdict` and `equivalence_verdict` change to signs where
  they have no variance to measure. The two rules together keep the error below 2 alpha. NOMINAL_ALPHA leaves
  room for skewed differences.
- The interval holds every margin that the pairs leave undecided: a margin below it would be confirmed, one
  above it refuted. It covers the true value at all times at once with probability at least 1 - 2 alpha (alpha
  for each end).
- Rare collapses break the t rule. Callers count a diverged run as chance accuracy, declared beforehand, and
  never drop it; `collapse_bound` says how frequent collapses may still be after n clean pairs.
- The guarantee is about seeds, on the data that the trials saw.
"""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from lab.errors import LabError, WrongArgument
from lab.statistics.e_values import critical_t, critical_wins, log_mixture_t, log_sign

NOMINAL_ALPHA = 1e-4
ROUNDING = 1e-9  # relative; differences of percentages carry rounding errors of about 1e-14
EXAMPLES_OF_SPREAD = 5  # differences with less standard deviation than five test examples are counts, not normal
LARGEST_LOG_E = 300 * math.log(10)


class NotFinite(LabError, ValueError):
    """A difference is NaN or infinite: the caller must say what a diverged run counts as."""


@dataclass(frozen=True)
class Decision:
    """What n paired differences say about a margin.

    `mean` and `sd` are the differences' (nan where n is too small to have them); `interval` is described above.
    `e_value` speaks for the claim, or, once refuted, against it (at most 1e300, so that it stays a number).
    `rule`: "t e-value", "sign", "equivalence" or "equivalence by signs".
    """

    verdict: str  # "confirmed" | "refuted" | "undecided"
    n: int
    mean: float
    sd: float
    interval: tuple[float, float]
    e_value: float
    rule: str
    margin: float
    alpha: float
    differences: list[float]

    @property
    def worst(self):
        """The difference least favourable to the claim."""
        return max(self.differences, key=abs) if self.rule.startswith("equivalence") else min(self.differences)

    def as_evidence(self):
        """Its part of the `experiment` of evidence.json; what is not finite is None."""
        ends = [_finite_or_none(end) for end in self.interval]
        numbers = {name: _finite_or_none(getattr(self, name)) for name in ("mean", "sd", "worst")}
        return {**vars(self), **numbers, "interval": ends}


def paired_verdict(differences, margin, alpha=NOMINAL_ALPHA, resolution=0.0):
    """Is the mean difference above `margin` (confirmed) or below it (refuted)?

    `resolution` is the metric's smallest step, e.g. 100 / 10,000 points for 10,000 test examples. Differences
    without variance (equal but for rounding, or spread over less than five steps) would make t infinite:
    `sign_verdict` then decides, on the median, and `rule` says so. Raises NotFinite for NaN or infinite
    differences, ValueError for a margin or alpha out of range.
    """
    d = _checked(differences, margin, alpha)
    if _has_no_variance(d, margin, resolution):
        return sign_verdict(d, margin, alpha)
    above, below = _t_evidence(d, margin), _t_evidence(-d, -margin)
    return _conclude(d, margin, alpha, "t e-value", _t_interval(d, alpha), above, below)


def equivalence_verdict(differences, margin, alpha=NOMINAL_ALPHA, resolution=0.0):
    """Does the mean difference lie within +-`margin` (confirmed) or beyond it on one side (refuted)?

    Confirmed when both "above -margin" and "below +margin" are established, refuted when either's contrary is.
    Without variance the same two questions go to the signs, about the median, where a difference of exactly the
    margin lies within. Arguments and errors as `paired_verdict`.
    """
    d = _checked(differences, margin, alpha)
    if margin < 0:
        raise ValueError(f"the margin of an equivalence is a distance, got {margin}: give it as a number >= 0")
    if _has_no_variance(d, margin, resolution):
        rule, evidence, interval = "equivalence by signs", _sign_evidence, _sign_interval(d, alpha)
        within = min(_sign_evidence(d, -margin, ties=True), _sign_evidence(-d, -margin, ties=True))
    else:
        rule, evidence, interval = "equivalence", _t_evidence, _t_interval(d, alpha)
        within = min(_t_evidence(d, -margin), _t_evidence(-d, -margin))
    beyond = max(evidence(d, margin), evidence(-d, margin))
    return _conclude(d, margin, alpha, rule, interval, within, beyond)


def sign_verdict(differences, margin, alpha=NOMINAL_ALPHA):
    """Is the median difference above `margin` (confirmed) or below it (refuted)? Needs nothing but independent pairs.

    Confirmed: a pair exceeds the margin with probability above 1/2, by the e-process of `e_values.log_sign`;
    refuted: a pair falls short of it with probability above 1/2. Ties count against both. 15 straight wins
    decide at alpha = 1e-4. Errors as `paired_verdict`.
    """
    d = _checked(differences, margin, alpha)
    above, below = _sign_evidence(d, margin), _sign_evidence(-d, -margin)
    return _conclude(d, margin, alpha, "sign", _sign_interval(d, alpha), above, below)


RULES = {
    "gain": paired_verdict,
    "equivalence": equivalence_verdict,
    "sign": lambda differences, margin, alpha, resolution: sign_verdict(differences, margin, alpha),
}


def decide(differences, margin, rule="gain", alpha=NOMINAL_ALPHA, resolution=0.0):
    """What one of RULES says at the first pair that decides, in the order of the differences; else at the last."""
    for n in range(1, len(differences) + 1):
        decision = RULES[rule](differences[:n], margin, alpha, resolution)
        if decision.verdict != "undecided":
            break
    return decision


def collapse_bound(n, alpha=NOMINAL_ALPHA):
    """The largest collapse rate with which n runs all stay clean with probability `alpha`: (1 - rate)^n = alpha."""
    return 1 - alpha ** (1 / n) if n else 1.0


def _checked(differences, margin, alpha):
    d = _numbers(differences)
    if not isinstance(margin, Real) or not isinstance(alpha, Real):
        raise WrongArgument(
            f"margin and alpha are numbers, got {margin!r:.60} and {alpha!r:.60}: give the differences "
            "of the pairs first, then the margin"
        )
    if not np.isfinite(d).all():
        raise NotFinite(
            f"difference {int(np.argmin(np.isfinite(d)))} of {d.size} is {d[~np.isfinite(d)][0]}: "
            "count a diverged run as chance accuracy before comparing arms"
        )
    if not math.isfinite(margin):
        raise ValueError(f"the margin is {margin}: give the smallest difference worth claiming, a finite number")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}: give the allowed chance of a wrong verdict, between 0 and 1")
    return d


def _numbers(differences):
    try:
        d = np.asarray(differences, dtype=float)
    except (TypeError, ValueError):
        d = None
    if d is None or d.ndim > 1:
        raise WrongArgument(
            f"differences are a list of numbers, one for each pair, got {differences!r:.60}: subtract "
            "one arm's values from the other's"
        )
    return d.reshape(-1)


def _tolerance(d, margin):
    return ROUNDING * max(np.abs(d).max(initial=0.0), abs(margin))


def _has_no_variance(d, margin, resolution):
    return d.size >= 2 and (np.ptp(d) <= _tolerance(d, margin) or d.std(ddof=1) < EXAMPLES_OF_SPREAD * resolution)


def _t_evidence(d, margin):
    """Log e-value for "the mean of d is above margin"."""
    x = d - margin
    if not x.any():
        return 0.0
    x = x / np.abs(x).max()  # squares neither over- nor underflow
    return float(log_mixture_t(d.size, x.sum() / np.sqrt(np.square(x).sum())))


def _sign_evidence(d, margin, ties=False):
    """Log e-value for "d exceeds margin more often than not"; with `ties`, "reaches"."""
    tolerance = _tolerance(d, margin)
    wins = d >= margin - tolerance if ties else d > margin + tolerance
    return float(log_sign(np.count_nonzero(wins), d.size))


def _t_interval(d, alpha):
    half = critical_t(d.size, alpha)
    if math.isinf(half):
        return -math.inf, math.inf
    half *= d.std(ddof=1) / math.sqrt(d.size)
    return float(d.mean() - half), float(d.mean() + half)


def _sign_interval(d, alpha):
    """Order statistics: fewer than `wins` differences lie above the lower end, and below the upper end."""
    wins = critical_wins(d.size, alpha)
    if wins > d.size:
        return -math.inf, math.inf
    return float(np.sort(d)[-wins]), float(np.sort(d)[wins - 1])


def _conclude(d, margin, alpha, rule, interval, log_for, log_against):
    enough = -math.log(alpha)
    verdict = "confirmed" if log_for >= enough else "refuted" if log_against >= enough else "undecided"
    e_value = math.exp(min(log_against if verdict == "refuted" else log_for, LARGEST_LOG_E))
    mean = float(d.mean()) if d.size else math.nan
    sd = float(d.std(ddof=1)) if d.size > 1 else math.nan
    return Decision(verdict, d.size, mean, sd, interval, e_value, rule, float(margin), alpha, d.tolist())


def _finite_or_none(number):
    return number if math.isfinite(number) else None
