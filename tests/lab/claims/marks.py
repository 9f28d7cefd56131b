"""The marks of a claim: the statement that it speaks to, and the near-misses that it must reject."""

import pytest

from lab.errors import LabError


class ClaimError(LabError):
    """A claim or a counterexample that doesn't say what it is about."""


def claim(slug=None, no_counterexample=None):
    """Mark a test as speaking to the statement `slug`; a claim that can have no counterexample says why."""
    if not isinstance(slug, str):
        raise ClaimError('a claim names its statement: write @claim("its-slug")')
    if not isinstance(no_counterexample, str | None):
        raise ClaimError("a claim says in words why it has no counterexample: write no_counterexample='why'")
    return pytest.mark.claim(slug, no_counterexample=no_counterexample)


def counterexample(why=None):
    """Mark a case as a near-miss that the claim's own assert must reject, `why` in words."""
    if not isinstance(why, str):
        raise ClaimError("a counterexample says why the check must reject it: write counterexample('why')")
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=why)
