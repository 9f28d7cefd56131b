"""Are arms compared seed by seed, by nothing but their trials?"""
import json
from dataclasses import FrozenInstanceError

import pytest

from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from selfcheck.sample_trials import noisy, tries


def laboratory(workers=1, **options):
    return Laboratory("nowhere", runner=Runner(workers), **options)


def test_differences_are_of_trials_with_the_same_seed(arms):
    comparison = laboratory().compare({arms[0]: 1, arms[1]: -1}, "score", 1.0)
    assert comparison.verdict == "confirmed"
    assert comparison.seeds == list(range(comparison.n)) and comparison.n > 4
    pairs = zip(comparison.arms["good"], comparison.arms["poor"])
    assert [good - poor for good, poor in pairs] == comparison.differences
    assert comparison.sd < 1.0      # unpaired, the spreads 1 and 1.5 would give 1.8


@pytest.mark.parametrize("rule, margin, verdict", [
    ("gain", 1.0, "confirmed"), ("gain", 5.0, "refuted"), ("sign", 1.0, "confirmed"), ("equivalence", 6.0, "confirmed"),
    ("equivalence", 1.0, "refuted"), ("gain", 3.0, "undecided")])
def test_each_rule_asks_its_own_question(arms, rule, margin, verdict):
    comparison = laboratory().compare({arms[0]: 1, arms[1]: -1}, "score", margin, rule=rule, cap=48)
    assert comparison.verdict == verdict
    assert (comparison.n == 48) == (verdict == "undecided")


def test_n_does_not_depend_on_what_was_trained_before(arms, log):
    contrast = {arms[0]: 1, arms[1]: -1}
    alone, busy = laboratory(), laboratory()
    busy.trials(arms[0], list(range(20, -1, -1)))
    busy.compare({arms[1]: 1, Arm("third", noisy, mean=9.0, log=log): -1}, "score", -1.0)
    assert busy.compare(contrast, "score", 1.0) == alone.compare(contrast, "score", 1.0)


def test_a_decided_comparison_asks_for_no_more_seeds(arms):
    one = laboratory()
    n = one.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0).n
    assert 2 * n <= one.trained <= 2 * (n + n // 3)


def test_arms_of_one_design_share_their_trials(arms, log):
    shared = laboratory()
    shared.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0)
    before = len(tries(log))
    shared.compare({arms[0]: 1, Arm("poor under another name", noisy, log=log): -1}, "score", 1.0)
    assert len(tries(log)) == before


def test_workers_give_the_values_of_this_process(arms, pool):
    contrast = {arms[0]: 1, arms[1]: -1}
    theirs = Laboratory("nowhere", runner=pool).compare(contrast, "score", 1.0)
    assert theirs == laboratory().compare(contrast, "score", 1.0)


def test_fresh_seeds_are_other_seeds(arms):
    comparison = laboratory(seeds_from=10**6).compare({arms[0]: 1, arms[1]: -1}, "score", 1.0)
    assert comparison.seeds[0] == 10**6


def test_evidence_is_plain_data(arms):
    evidence = laboratory().compare({arms[0]: 1, arms[1]: -1}, "score", 1.0, cap=2).as_evidence()
    assert json.loads(json.dumps(evidence, allow_nan=False)) == evidence
    assert evidence["interval"] == [None, None] and evidence["recipe"]["good"]["spread"] == 1.5


@pytest.mark.parametrize("rule, worst", [("gain", min), ("equivalence", lambda differences: max(differences, key=abs))])
def test_evidence_tells_the_worst_pair_and_what_collapses_are_not_excluded(arms, rule, worst):
    evidence = laboratory().compare({arms[0]: 1, arms[1]: -1}, "score", 6.0, rule=rule, cap=48).as_evidence()
    assert evidence["worst"] == worst(evidence["differences"])
    assert evidence["diverged"] == {"good": 0, "poor": 0}
    assert evidence["collapse_bound"] == 1 - 1e-4**(1 / evidence["n"])
    assert all(isinstance(end, float) for end in evidence["interval"])


@pytest.mark.parametrize("contrast", [
    lambda good, poor: {good: 1}, lambda good, poor: {good: 1, poor: 1},
    lambda good, poor: {good: 1, good: -1},     # noqa: F602  (the mistake that a beginner makes)
    lambda good, poor: {good: 1, Arm("good", noisy, log="other"): -1}],
    ids=["one arm", "a sum", "an arm twice", "one name twice"])
def test_what_is_no_contrast_is_refused(arms, contrast):
    with pytest.raises(ValueError, match="weights that add up to 0"):
        laboratory().compare(contrast(*arms), "score", 1.0)


def test_an_arm_can_not_be_changed(arms):
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        arms[0].name = "better"
