"""The bound on the spread of single runs holds as often as it says, and is not idle."""
import numpy as np
import pytest

from lab.statistics.spread import deviation_of_difference

TRIES = 4000


@pytest.mark.parametrize("first, second, runs", [(1.0, 1.0, (5, 5)), (1.0, 0.3, (8, 5)), (0.2, 1.0, (3, 8))])
def test_the_bound_is_above_the_truth_as_rarely_as_it_says(first, second, runs):
    draw = np.random.default_rng(7).normal
    pairs = [(draw(0, first, runs[0]), draw(70, second, runs[1])) for _ in range(TRIES)]
    bounds, estimates = zip(*[deviation_of_difference(*pair, alpha=0.02) for pair in pairs])
    truth = np.hypot(first, second)

    assert 0.005 < np.mean(np.array(bounds) > truth) < 0.03     # the deviation of a share of 0.02 is 0.002
    assert np.mean(np.square(estimates)) == pytest.approx(truth**2, rel=0.1)


def test_runs_of_no_spread_have_none():
    assert deviation_of_difference([7.0, 7.0, 7.0], [5.0, 5.0]) == (0.0, 0.0)
