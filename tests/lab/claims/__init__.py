"""Tests that speak to statements of the lecture: the mark, the counterexample, the evidence, the outcome."""

from lab.claims.marks import claim, counterexample

__all__ = ["claim", "counterexample"]
