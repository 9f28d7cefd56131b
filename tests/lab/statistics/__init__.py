"""Verdicts on paired differences that may be looked at after every pair."""

from lab.statistics.decisions import equivalence_verdict, paired_verdict, sign_verdict

__all__ = ["equivalence_verdict", "paired_verdict", "sign_verdict"]
