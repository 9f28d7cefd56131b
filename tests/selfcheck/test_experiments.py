"""Are arms compared seed by seed, by nothing but their trials, and do bad trials stay their own problem?"""
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from lab.arms import Task
from lab.experiments import Arm, Laboratory
from lab.runner import Runner, TrialCrashed
from selfcheck import sample_trials
from selfcheck.sample_trials import dying, endless, gated, hungry, noisy, raising, tries

TESTS = Path(__file__).parents[1]


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


@pytest.fixture
def arms(log):
    """Two arms that differ by 3 on every seed, but for noise of their own on the better one."""
    return Arm("good", noisy, mean=3.0, spread=1.5, log=log), Arm("poor", noisy, log=log)


@pytest.fixture(scope="module")
def pool():
    """Two worker processes for the module."""
    runner = Runner(2, time_limit=60)
    yield runner
    runner.close()


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


def test_the_next_job_is_drawn_when_a_worker_is_free(arms):
    seen = []

    def jobs():
        for seed in (3, 5, 7):
            seen.append(f"asked {seed}")
            yield Task(arms[0], "nowhere", "quick", "cpu"), [seed]

    Runner(1).run(jobs(), lambda task, seed, result: seen.append(f"arrived {seed}"), Mock())
    assert seen == ["asked 3", "arrived 3", "asked 5", "arrived 5", "asked 7", "arrived 7"]


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


@pytest.mark.parametrize("contrast", [
    lambda good, poor: {good: 1}, lambda good, poor: {good: 1, poor: 1}, lambda good, poor: {good: 1, good: -1},
    lambda good, poor: {good: 1, Arm("good", noisy, log="other"): -1}],
    ids=["one arm", "a sum", "an arm twice", "one name twice"])
def test_what_is_no_contrast_is_refused(arms, contrast):
    with pytest.raises(ValueError, match="weights that add up to 0"):
        laboratory().compare(contrast(*arms), "score", 1.0)


def test_an_arm_can_not_be_changed(arms):
    with pytest.raises(AttributeError, match="make another"):
        arms[0].name = "better"


@pytest.mark.parametrize("fatal", [0, 3])
def test_a_trial_that_kills_its_process_has_two_tries(arms, fatal, tmp_path):
    log = str(tmp_path / "log of the bad arm")
    bad = Arm("bad", dying, fatal=fatal, log=log)
    lab = laboratory(workers=2)
    try:
        with pytest.raises(TrialCrashed, match=f"arm 'bad', seed {fatal}"):
            lab.compare({bad: 1, arms[0]: -1}, "score", 1.0)
        assert sum(fatal in seeds for seeds in tries(log)) == 2
        with pytest.raises(TrialCrashed, match=f"arm 'bad', seed {fatal}"):
            lab.trials(bad, [fatal])
        survivors = [seed for seed in range(5) if seed != fatal]
        before = tries(log)
        assert [trial["score"] for trial in lab.trials(bad, survivors)] == survivors
        assert tries(log) == before
        assert lab.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0).verdict == "confirmed"
    finally:
        lab.close()


def test_a_worker_killed_while_idle_costs_no_trial(log):
    lab, arm = Laboratory("nowhere", runner=Runner(2)), Arm("gated", gated, log=log, gate=os.devnull)
    lab.trials(arm, [0, 1])
    for [worker] in tries(log):
        with suppress(ProcessLookupError):      # the pool ends the other when it misses the first
            os.kill(worker, signal.SIGKILL)
    time.sleep(0.1)                             # it has then noticed
    assert [trial["score"] for trial in lab.trials(arm, [2, 3])] == [2, 3]
    lab.close()


def test_a_trial_over_its_time_limit_is_ended(log):
    lab = Laboratory("nowhere", runner=Runner(2, time_limit=0.3))
    with pytest.raises(TrialCrashed, match="time limit of 0.3 s"):
        lab.trials(Arm("endless", endless, log=log), [0])
    assert tries(log) == [[0], [0]]
    lab.close()


def test_a_trials_own_error_is_passed_on(pool, log):
    with pytest.raises(ZeroDivisionError, match="the trial's own mistake"):
        Laboratory("nowhere", runner=pool).trials(Arm("raising", raising, log=log), [0, 1])


@pytest.mark.parametrize("workers", [1, 2])
def test_out_of_memory_halves_the_batch_of_seeds(pool, workers, log):
    runner = pool if workers == 2 else Runner(1)
    trials = Laboratory("nowhere", runner=runner).trials(Arm("hungry", hungry, log=log), list(range(7)))
    assert [trial["score"] for trial in trials] == list(range(7))


def test_workers_end_with_their_killed_parent(log):
    """They hold the parent's output: it ends only when the last of them has."""
    parent = subprocess.Popen([sys.executable, sample_trials.__file__, log], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(TESTS)})
    deadline = time.monotonic() + 30
    while len(tries(log)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    output, _ = parent.communicate(timeout=10)
    assert len(tries(log)) == 2 and output.startswith(b"started")
