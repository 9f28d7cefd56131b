"""Are the bets fair, and do they win? How often they err, and how soon they decide, in simulations."""
import math

import numpy as np
import pytest
from scipy import stats

from lab.statistics import e_values


def running(log_e, x):
    """log_e after every observation of each row of x [experiments, n] -> [experiments, n]."""
    n = np.arange(1, x.shape[1] + 1)
    return log_e(n, x.cumsum(1) / np.sqrt(np.square(x).cumsum(1)))


def running_sign(x):
    return e_values.log_sign((x > 0).cumsum(1), np.arange(1, x.shape[1] + 1))


def ever_above(log_e, alpha):
    return (log_e >= -math.log(alpha)).any(1)


def pairs_to_verdict(log_e):
    over = log_e >= math.log(1e4)
    return np.where(over.any(1), over.argmax(1) + 1, np.inf)


def highest_plausible(alpha, experiments):
    """Number of errors that `experiments` runs of a test of level alpha exceed once in 10,000."""
    return stats.binom.isf(1e-4, experiments, alpha)


def forgets_the_prior(n, r):
    """Without the price (1 + n g)^(-1/2) of not knowing the effect."""
    return e_values.log_mixture_t(n, r) + 0.5 * np.log1p(n)


def plugs_in_the_best_effect(n, r):
    """The largest likelihood ratio in place of their average."""
    return -n / 2 * np.log1p(-np.clip(r * r, 0, n - 1e-9) / n) * (r > 0)


def peeks_at_a_t_test(n, r):
    """1 / p of the fixed-n t test, looked at after every pair."""
    t = r * np.sqrt(np.maximum(n - 1, 1) / np.maximum(n - r * r, 1e-12))
    return np.where(n > 1, -stats.t.logsf(t, np.maximum(n - 1, 1)), 0.0)


@pytest.mark.parametrize("log_e, honest", [
    pytest.param(e_values.log_mixture_t, True, id="mixture of t e-values"),
    pytest.param(lambda n, r: e_values.log_two_sided_t(n, r, 10), True, id="two-sided t e-value"),
    pytest.param(forgets_the_prior, False, id="without the prior factor"),
    pytest.param(plugs_in_the_best_effect, False, id="best effect plugged in"),
    pytest.param(peeks_at_a_t_test, False, id="t test with peeking"),
    pytest.param(lambda n, r: e_values.log_mixture_t(n, r) + math.log(3), False, id="bets added instead of averaged"),
])
def test_null_simulation_with_a_look_after_every_pair(log_e, honest):
    """Of 4,000 experiments of 60 pairs with no effect, at most 5 % may ever cross 1 / 0.05."""
    crossed = ever_above(running(log_e, np.random.default_rng(11).normal(size=(4000, 60))), 0.05).sum()

    assert (crossed <= highest_plausible(0.05, 4000)) == honest


@pytest.mark.parametrize("draw", [
    pytest.param(lambda rng, size: rng.uniform(-1, 1, size), id="uniform"),
    pytest.param(lambda rng, size: rng.gamma(4, size=size) - 4, id="skewed to the right"),
    pytest.param(lambda rng, size: 4 - rng.gamma(4, size=size), id="skewed to the left"),
    pytest.param(lambda rng, size: rng.normal(-0.3, 1, size), id="effect on the other side"),
])
def test_nominal_1e4_keeps_the_error_below_1e3_off_the_normal(draw):
    """Of 20,000 experiments of 30 pairs with no effect, about 20 would cross at an error of 1e-3."""
    crossed = ever_above(running(e_values.log_mixture_t, draw(np.random.default_rng(5), (20_000, 30))), 1e-4).sum()

    assert crossed <= highest_plausible(1e-3, 20_000)


@pytest.mark.parametrize("p, holds", [(0.5, True), (0.6, False)], ids=["a fair coin", "60 % wins are found out"])
def test_sign_error_is_exact(p, holds):
    """The chance that 400 trials ever cross 1 / 0.05, walked through every count of wins: no simulation."""
    alive, crossed = np.ones(1), 0.0        # alive[w]: probability of w wins so far without ever having crossed
    for n in range(1, 401):
        alive = np.append(alive * (1 - p), 0) + np.append(0, alive * p)
        over = e_values.log_sign(np.arange(n + 1), n) >= math.log(20)
        crossed += alive[over].sum()
        alive[over] = 0

    assert (crossed <= 0.05) == holds


def test_rare_collapses_break_the_t_rule_but_not_the_signs():
    """Mean 0 by collapses of 5 % of the runs, median above it: the reason why a diverged run is counted and shown."""
    rng = np.random.default_rng(3)
    x = rng.normal(1, 0.3, (4000, 40)) - 20 * (rng.random((4000, 40)) < 0.05)
    shifted = x - np.median(x)

    assert ever_above(running(e_values.log_mixture_t, x), 1e-3).mean() > 0.1
    assert ever_above(running_sign(shifted), 0.05).sum() <= highest_plausible(0.05, 4000)


def test_confidence_sequence_covers_at_all_times():
    """mean +- critical_t sd / sqrt(n) holds the true mean at all n of 2..60 at once, but for 2 alpha of the runs."""
    x, n = np.random.default_rng(7).normal(3, 2, (4000, 60)), np.arange(2, 61)
    mean = x.cumsum(1)[:, 1:] / n
    sd = np.sqrt((np.square(x).cumsum(1)[:, 1:] - n * mean ** 2) / (n - 1))
    half = np.array([e_values.critical_t(k, 0.05) for k in n.tolist()]) * sd / np.sqrt(n)
    missed = (np.abs(mean - 3) > half).any(1).sum()

    assert 0.02 * 4000 < missed <= highest_plausible(0.1, 4000)


@pytest.mark.parametrize("n", [7, 13, 61])
def test_confidence_sequence_of_one_prior_has_a_closed_form(n):
    """A single two-sided bet crosses at r^2 = (1 - q)(1 + n g) / g with q = (alpha^2 / (1 + n g))^(1 / n)."""
    q = (1e-3 ** 2 / (1 + n * 10)) ** (1 / n)
    r2 = (1 - q) * (1 + n * 10) / 10
    critical = e_values.critical_t(n, 1e-3, lambda n, r: e_values.log_two_sided_t(n, r, 10))

    assert critical == pytest.approx(math.sqrt((n - 1) * r2 / (n - r2)))


@pytest.mark.parametrize("gain, sd, median, nine_tenths", [(13, 1.5, 6, 7), (3, 1, 10, 13), (0.5, 0.5, 31, 46)])
def test_pairs_until_a_gain_is_confirmed(gain, sd, median, nine_tenths):
    """At alpha 1e-4; a cap of twice the 90 % figure leaves next to nothing undecided."""
    d = np.random.default_rng(1).normal(gain, sd, (4000, 2 * nine_tenths))
    pairs = pairs_to_verdict(running(e_values.log_mixture_t, d))

    assert np.quantile(pairs, [0.5, 0.9]) == pytest.approx([median, nine_tenths], abs=1)
    assert np.isinf(pairs).mean() < 1e-3


def test_pairs_until_equivalence_is_confirmed():
    """Within +-2 points at a true difference of 0.2 and sd 1.2: 19 pairs in the median, 26 in 90 %."""
    d = np.random.default_rng(2).normal(0.2, 1.2, (4000, 52))
    pairs = pairs_to_verdict(np.minimum(running(e_values.log_mixture_t, d + 2), running(e_values.log_mixture_t, 2 - d)))

    assert np.quantile(pairs, [0.5, 0.9]) == pytest.approx([19, 26], abs=1)
