"""Are the bets what they say? E-values against quadrature, published Bayes factors and figures worked out by hand."""
import math

import numpy as np
import pytest
from scipy import integrate, stats

from lab.statistics import e_values

# Hours of sleep gained, ten patients, second drug minus first: Student's own example (Biometrika 6, 1908).
SLEEP = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])


@pytest.mark.parametrize("g", e_values.PRIOR_VARIANCES)
@pytest.mark.parametrize("n, t", [(2, 1.3), (3, -0.7), (7, 2.9), (19, 4.1)])
def test_t_evalues_are_bayes_factors_of_the_noncentral_t(n, t, g):
    """Integrating scipy's noncentral t density over the prior on mean / sd gives the closed forms."""
    def bet(effect):
        likelihood_ratio = stats.nct.pdf(t, n - 1, effect * math.sqrt(n)) / stats.t.pdf(t, n - 1)
        return stats.norm.pdf(effect, scale=math.sqrt(g)) * likelihood_ratio

    r = t * math.sqrt(n / (n - 1 + t * t))
    positive, negative = (integrate.quad(bet, *ends, limit=200)[0] for ends in [(0, 12), (-12, 0)])

    assert math.exp(e_values.log_one_sided_t(n, r, g)) == pytest.approx(2 * positive, rel=1e-5)
    assert math.exp(e_values.log_two_sided_t(n, r, g)) == pytest.approx(positive + negative, rel=1e-5)


@pytest.mark.parametrize("log_e, sign, published", [
    pytest.param(e_values.log_two_sided_t, +1, 17.25888, id="mean differs"),
    pytest.param(e_values.log_one_sided_t, +1, 34.41694, id="mean above"),
    pytest.param(e_values.log_one_sided_t, -1, 0.1008246, id="mean below"),
])
def test_published_bayes_factors_of_the_sleep_data(log_e, sign, published):
    """A Cauchy(0.707) prior is an inverse-gamma mixture over g: R's BayesFactor manual prints these three values."""
    r = sign * SLEEP.sum() / math.sqrt(np.square(SLEEP).sum())

    def weighted(g):
        return math.exp(log_e(10, r, g)) * stats.invgamma.pdf(g, 0.5, scale=0.25)

    mixed = integrate.quad(weighted, 0, np.inf)[0]

    assert mixed == pytest.approx(published, rel=1e-5)


def test_hand_computed_values():
    """One observation tells only its sign; (1, 3) has S = 4, Q = 10: r^2 = 1.6 and c2 r^2 = 1.6 / 3 at g = 1."""
    half_angle = math.atan(math.sqrt(10)) / math.pi                 # Student's cdf, 1 df: 1/2 + atan(k) / pi
    k2 = (1.6 / 3) / (1 - 1.6 / 3)
    cdf2 = 0.5 + math.sqrt(2 * k2) / (2 * math.sqrt(2 + 2 * k2))    # 2 df: 1/2 + z / (2 sqrt(2 + z^2)), z^2 = 2 k^2
    two_sided = 3 ** -0.5 / (1 - 1.6 / 3)

    assert math.exp(e_values.log_two_sided_t(1, -1.0, 10)) == pytest.approx(1)
    assert math.exp(e_values.log_one_sided_t(1, 1.0, 10)) == pytest.approx(1 + 2 * half_angle)
    assert math.exp(e_values.log_two_sided_t(2, math.sqrt(1.6), 1)) == pytest.approx(two_sided)
    assert math.exp(e_values.log_one_sided_t(2, math.sqrt(1.6), 1)) == pytest.approx(2 * two_sided * cdf2)


@pytest.mark.parametrize("n, r", [(2, 0.9), (7, 2.1), (19, -1.3)])
def test_the_mixture_bets_evenly_on_three_sizes_of_effect(n, r):
    """On (mean / sd)^2 of 1, 10 and 100."""
    thirds = [math.exp(e_values.log_one_sided_t(n, r, g)) / 3 for g in (1, 10, 100)]

    assert math.exp(e_values.log_mixture_t(n, r)) == pytest.approx(sum(thirds))


@pytest.mark.parametrize("wins, n", [(0, 3), (5, 7), (11, 11), (13, 29)])
def test_sign_evalue_is_the_mixture_of_its_bets(wins, n):
    """Half on p = 1, half uniform on [1/2, 1], by quadrature."""
    spread = integrate.quad(lambda p: 2 * (2 * p) ** wins * (2 - 2 * p) ** (n - wins), 0.5, 1)[0]

    assert math.exp(e_values.log_sign(wins, n)) == pytest.approx((spread + (2 ** n if wins == n else 0)) / 2)
