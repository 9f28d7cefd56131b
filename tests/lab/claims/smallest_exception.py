"""Looks for the smallest exception to a rule, so that a rule that fails fails on an example that fits on a slide."""

from random import Random

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample


def smallest_where(condition, strategy, tries=300):
    """The smallest value of the Hypothesis `strategy` for which `condition(value)` is true, None if no try finds one.

    The same tries in every run: a claim's verdict must not depend on luck.
    """
    quiet = settings(
        max_examples=tries,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(strategy, condition, settings=quiet, random=Random(0))
    except NoSuchExample:
        return None
