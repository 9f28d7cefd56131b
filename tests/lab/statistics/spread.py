"""How far single runs of two designs lie apart by chance: a bound on the standard deviation of their difference."""

import math

import numpy as np
from scipy.stats import chi2

from lab.statistics.decisions import NOMINAL_ALPHA


def deviation_of_difference(first, second, alpha=NOMINAL_ALPHA):
    """(lower bound, estimate) of the standard deviation of a run of `first` minus an independent run of `second`.

    first, second: runs, at least two of each. The deviation is below the bound with probability `alpha` at most, for
    normal runs: a chi-squared interval with the degrees of freedom of Satterthwaite 1946, Biometrics 2(6). The bound
    looks at all runs once; runs must not be added until it is reached.
    """
    variances = [np.var(runs, ddof=1) for runs in (first, second)]
    freedom = [len(runs) - 1 for runs in (first, second)]
    total = sum(variances)
    if total == 0:
        return 0.0, 0.0
    combined = total**2 / sum(variance**2 / degrees for variance, degrees in zip(variances, freedom))
    return math.sqrt(total * combined / chi2.ppf(1 - alpha, combined)), math.sqrt(total)
