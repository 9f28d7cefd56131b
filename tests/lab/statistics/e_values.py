"""E-values for a mean and for a median: evidence that may be looked at after every observation.

An e-process is a bet against the null hypothesis that nobody can expect to win: it starts at 1 and its expected
value stays at most 1 however one decides to stop. So it passes 1 / alpha, ever, with probability at most alpha
(Ville's inequality), and seeds may be added until it does. All functions return natural logarithms, work
elementwise on arrays, and need only sums over the observations.
"""

from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, logsumexp

PRIOR_VARIANCES = (1.0, 10.0, 100.0)  # g of the mixture: the size of (mean / sd)^2 that each part bets on


def log_two_sided_t(n, r, g):
    """Log e-value of n normal observations x against "the mean is 0", whatever their standard deviation.

    r = sum(x) / sqrt(sum(x^2)), between -sqrt(n) and sqrt(n). The e-value is the Bayes factor of mean / sd ~
    N(0, g) over mean = 0 with the scale-free prior 1 / sd on both sides; both depend on r alone, which makes it
    an e-process (Perez-Ortiz, Lardy, de Heide and Gruenwald, Annals of Statistics 52(4), 2024; Lindon et al.,
    arXiv:2210.08589).
    """
    n = np.asarray(n, dtype=float)
    return -0.5 * np.log1p(n * g) - n / 2 * np.log1p(-g / (1 + n * g) * np.square(r))


def log_one_sided_t(n, r, g):
    """Log e-value against "the mean is at most 0": the same bet with a half-normal prior, on positive effects only.

    Given the data, mean / sd is positive with probability F(sqrt(n) k), F Student's cdf with n degrees of
    freedom. The e-value grows with r, and a negative mean only lowers r, so the bound at mean = 0 holds for
    every mean below it.
    """
    from scipy import stats  # half a second: only where verdicts are needed

    n = np.asarray(n, dtype=float)
    share = g / (1 + n * g)
    k = np.sqrt(share) * r / np.sqrt(1 - share * np.square(r))
    with np.errstate(divide="ignore"):  # the far tail underflows to e-value 0, log -inf
        return np.log(2) + log_two_sided_t(n, r, g) + stats.t.logcdf(np.sqrt(n) * k, n)


def log_mixture_t(n, r):
    """Log of the mean of the one-sided t e-values over PRIOR_VARIANCES: a mean of e-processes is one."""
    parts = [log_one_sided_t(n, r, g) for g in PRIOR_VARIANCES]
    return logsumexp(parts, axis=0) - np.log(len(parts))


def log_sign(wins, n):
    """Log e-value of `wins` successes in n trials against "success has probability at most 1/2".

    A likelihood ratio of success probability p over 1/2, for any p >= 1/2, multiplies the wealth by 2p or 2(1 -
    p), on average by at most 1 under the null whatever happened before: an e-process with no assumption beyond
    independent trials (betting: Waudby-Smith and Ramdas, arXiv:2010.09686). Half of the stake goes on p = 1,
    which doubles until the first loss, and half is spread uniformly over p in [1/2, 1], which survives losses.
    """
    from scipy import stats

    wins, n = np.asarray(wins, dtype=float), np.asarray(n, dtype=float)
    all_in = np.where(wins == n, n * np.log(2), -np.inf)
    spread = (n + 1) * np.log(2) + betaln(wins + 1, n - wins + 1) + stats.beta.logsf(0.5, wins + 1, n - wins + 1)
    return np.logaddexp(all_in, spread) - np.log(2)


@cache
def critical_t(n, alpha, log_evalue=log_mixture_t):
    """The t statistic mean / (sd / sqrt(n)) at which the e-value reaches 1 / alpha; infinite where none does."""

    def lacking(r):
        return float(log_evalue(n, r)) + np.log(alpha)

    if n < 2 or lacking(np.sqrt(n)) < 0:
        return np.inf
    r = brentq(lacking, 0, np.sqrt(n), xtol=1e-14)  # at r = 0 the data favour neither side: no e-value above 1
    return float(r * np.sqrt((n - 1) / (n - r * r))) if r * r < n else np.inf


@cache
def critical_wins(n, alpha):
    """The fewest successes in n trials that decide at alpha, or n + 1 if none do."""
    enough = log_sign(np.arange(n + 1), n) >= -np.log(alpha)
    return int(np.argmax(enough)) if enough.any() else n + 1
