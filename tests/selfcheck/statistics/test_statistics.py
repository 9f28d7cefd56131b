"""Is the ruler of trained claims straight? Verdicts against exact tests, under symmetries and on awkward numbers."""
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from lab.statistics.decisions import NotFinite, collapse_bound, equivalence_verdict, paired_verdict, sign_verdict
from lab.statistics.e_values import critical_t

points = st.integers(-10_000, 10_000).map(lambda hundredths: hundredths / 100)
samples = st.lists(points, min_size=2, max_size=40).filter(lambda d: len(set(d)) > 1)
margins = st.integers(-20, 20).map(float)
unhurried = settings(deadline=None)


@unhurried
@given(samples, margins)
def test_evalues_are_more_cautious_than_exact_tests(differences, margin):
    """1 / e is never below the fixed-n p-value, of statsmodels' t test and of scipy's binomial test."""
    t_test = DescrStatsW(differences).ttest_mean(margin, alternative="larger")[1]
    wins = sum(d > margin for d in differences)
    sign_test = stats.binomtest(wins, len(differences), alternative="greater").pvalue
    t_rule, sign_rule = paired_verdict(differences, margin, 1e-9), sign_verdict(differences, margin, 1e-9)

    assert t_rule.verdict == "refuted" or 1 / t_rule.e_value >= t_test * (1 - 1e-6)
    assert sign_rule.verdict == "refuted" or 1 / sign_rule.e_value >= sign_test * (1 - 1e-6)


def test_equivalence_is_more_cautious_than_two_one_sided_t_tests():
    """What the e-values call equivalent, statsmodels' TOST does too; the reverse is the price of peeking."""
    rows = np.random.default_rng(4).normal(0.5, 1, (300, 14))
    ours = np.array([equivalence_verdict(d, 1.2, 0.05).verdict == "confirmed" for d in rows])
    tost = np.array([DescrStatsW(d).ttost_mean(-1.2, 1.2)[0] <= 0.05 for d in rows])

    assert 10 < ours.sum() < tost.sum() and not (ours & ~tost).any()


@pytest.mark.parametrize("n", [1, 10, 299])
def test_collapse_bound_is_the_exact_binomial_limit(n):
    """Clopper and Pearson's upper limit for no collapse in n runs."""
    assert collapse_bound(n, 0.05) == pytest.approx(proportion_confint(0, n, alpha=0.1, method="beta")[1])


@pytest.mark.parametrize("rule", [paired_verdict, sign_verdict])
@unhurried
@given(differences=samples, margin=margins)
def test_turning_the_sign_swaps_confirmed_and_refuted(rule, differences, margin):
    """The opposite claim about the opposite differences."""
    swapped = {"confirmed": "refuted", "refuted": "confirmed", "undecided": "undecided"}
    one, other = rule(differences, margin, 0.05), rule(np.negative(differences), -margin, 0.05)

    assert other.verdict == swapped[one.verdict]
    assert other.interval == pytest.approx((-one.interval[1], -one.interval[0]))


@pytest.mark.parametrize("rule", [paired_verdict, sign_verdict, equivalence_verdict])
@unhurried
@given(differences=samples, margin=margins.map(abs), scale=st.sampled_from([2.0 ** -40, 0.25, 1024.0]), data=st.data())
def test_neither_unit_nor_order_matters(rule, differences, margin, scale, data):
    """Points or fractions, first seed or last: the same e-value and verdict."""
    mixed = data.draw(st.permutations(differences))
    one, other = rule(differences, margin, 0.05), rule([scale * d for d in mixed], scale * margin, 0.05)

    assert (other.verdict, other.e_value) == (one.verdict, pytest.approx(one.e_value, rel=1e-6))


@pytest.mark.parametrize("rule", [paired_verdict, sign_verdict])
@unhurried
@given(differences=samples, margin=margins)
def test_interval_holds_the_undecided_margins(rule, differences, margin):
    """A margin below it is confirmed, one above it refuted: the picture and the word never disagree."""
    result = rule(differences, margin, 0.05)
    low, high = result.interval

    assert result.verdict == ("confirmed" if margin < low else "refuted" if margin > high else "undecided")


@pytest.mark.parametrize("verdict, differences, margin", [
    ("confirmed", [0.3, -0.2, 0.1, 0.4, -0.1] * 4, 2),
    ("refuted", [5.3, 4.8, 5.1, 5.4, 4.9] * 4, 2),
    ("refuted", [-5.3, -4.8, -5.1, -5.4, -4.9] * 4, 2),
    ("undecided", [2.3, 1.8, 2.1, 1.7, 1.9] * 4, 2),
    ("confirmed", [0.0] * 15, 0),
    ("confirmed", [1.0] * 15, 2),
    ("confirmed", [-1.0] * 15, 2),
    ("refuted", [-3.0] * 15, 1),
    ("undecided", [0.0] * 14, 1),
])
def test_equivalence(verdict, differences, margin):
    """Inside, outside on either side, on the edge; and without variance, where the signs decide."""
    assert equivalence_verdict(differences, margin).verdict == verdict


@pytest.mark.parametrize("verdict, differences", [
    pytest.param("confirmed", [3.1] * 15, id="15 straight wins"),
    pytest.param("undecided", [3.1] * 14, id="14 wins"),
    pytest.param("undecided", [3.1] * 14 + [2.0], id="14 wins and a tie"),
    pytest.param("undecided", [math.nextafter(2, 3)] * 40, id="only ties, but for rounding"),
    pytest.param("undecided", [2.0] * 40, id="only ties"),
    pytest.param("refuted", [1.9] * 15, id="15 straight losses"),
    pytest.param("confirmed", [3.1] * 22 + [1.0], id="22 wins and a loss"),
    pytest.param("undecided", [], id="nothing yet"),
])
def test_signs(verdict, differences):
    """Against a margin of 2; ties count against."""
    assert sign_verdict(differences, 2).verdict == verdict


@pytest.mark.parametrize("rule", [paired_verdict, sign_verdict])
def test_arms_that_never_differ_do_not_decide_a_margin_of_nothing(rule):
    """Without any difference there is no rounding either: each pair lies exactly at the margin."""
    assert rule([0.0] * 40, 0).verdict == "undecided"


@pytest.mark.parametrize("differences, resolution", [
    pytest.param([5.0] * 15, 0, id="equal"),
    pytest.param([5.0, math.nextafter(5, 6), math.nextafter(5, 4)] * 5, 0, id="equal but for rounding"),
    pytest.param([5.00, 5.01, 5.03] * 5, 0.01, id="spread below five test examples"),
])
def test_no_variance_never_wins_by_infinity(differences, resolution):
    """The t rule would be sure after five pairs; the signs ask for 15."""
    few, enough = (paired_verdict(differences[:n], 3, resolution=resolution) for n in (14, 15))

    assert (few.rule, few.verdict, enough.verdict) == ("sign", "undecided", "confirmed")
    assert paired_verdict(differences + [5.5], 3, resolution=resolution).rule == "t e-value"


@pytest.mark.parametrize("resolution, rule", [(0.19, "t e-value"), (0.2, "t e-value"), (0.21, "sign")])
def test_a_deviation_of_five_steps_is_a_variance(resolution, rule):
    """1, here."""
    assert paired_verdict([4.0, 5.0, 6.0], 3, resolution=resolution).rule == rule


@pytest.mark.parametrize("rule", [paired_verdict, sign_verdict, equivalence_verdict])
def test_unusable_numbers_are_refused(rule):
    """NaN compares false with everything, so it must not reach a comparison."""
    with pytest.raises(NotFinite, match="difference 1 of 3 is nan: count a diverged run as chance accuracy"):
        rule([1.0, math.nan, 2.0], 0)
    with pytest.raises(NotFinite, match="difference 0 of 1 is inf"):
        rule([math.inf], 0)
    with pytest.raises(ValueError, match="margin"):
        rule([1.0, 2.0], math.nan)
    with pytest.raises(ValueError, match="between 0 and 1"):
        rule([1.0, 2.0], 0, alpha=0)


@pytest.mark.parametrize("differences", [[], [4.0], [4.0, 4.1], [400.0, 400.1, 400.2]])
def test_too_few_pairs_are_undecided(differences):
    """However clear: with three pairs no t statistic is surprising enough."""
    result = paired_verdict(differences, 0)

    assert (result.verdict, result.n, result.interval) == ("undecided", len(differences), (-math.inf, math.inf))


def test_mean_and_sd_are_statsmodels_own():
    """And the interval is the mean +- the critical t times its standard error, wider than the fixed-n interval."""
    sleep = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]      # Student, Biometrika 6 (1908), hours gained
    result, oracle = paired_verdict(sleep, 0, 0.025), DescrStatsW(sleep)
    low, high = oracle.tconfint_mean(0.05)
    reach = critical_t(10, 0.025) * oracle.std_mean

    assert (result.mean, result.sd) == (pytest.approx(oracle.mean), pytest.approx(oracle.std_ddof(1)))
    assert result.interval == pytest.approx((oracle.mean - reach, oracle.mean + reach))
    assert result.interval[0] < low and high < result.interval[1]
