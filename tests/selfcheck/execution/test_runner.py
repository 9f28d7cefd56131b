"""Do bad trials stay their own problem, and do the workers end when they should?"""
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from lab.execution.processes import Pool
from lab.execution.runner import Runner, TrialCrashed
from lab.experiments.arms import Task
from lab.experiments.laboratory import Arm, Laboratory
from selfcheck import sample_trials
from selfcheck.sample_trials import dying, endless, gated, hungry, noisy, raising, tries, wait_until

TESTS = Path(__file__).parents[2]


def test_the_next_job_is_drawn_when_a_worker_is_free(arms):
    seen = []

    def jobs():
        for seed in (3, 5, 7):
            seen.append(f"asked {seed}")
            yield Task(arms[0], "nowhere", "quick", "cpu"), [seed]

    Runner(1).run(jobs(), lambda task, seed, result: seen.append(f"arrived {seed}"), Mock())
    assert seen == ["asked 3", "arrived 3", "asked 5", "arrived 5", "asked 7", "arrived 7"]


@pytest.mark.parametrize("fatal", [0, 3])
def test_a_trial_that_kills_its_process_has_two_tries(arms, fatal, tmp_path):
    log = str(tmp_path / "log of the bad arm")
    bad = Arm("bad", dying, fatal=fatal, log=log)
    lab = Laboratory("nowhere", runner=Runner(2))
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


def test_a_trial_lost_beyond_the_deciding_pair_changes_nothing(arms, tmp_path):
    """A warm run, which finds the pairs up to there, would not miss it either."""
    bad = Arm("bad", dying, mean=100.0, fatal=7, log=str(tmp_path / "log of the bad arm"))
    lab = Laboratory("nowhere", runner=Runner(2), foreseen=[bad, arms[0]])
    try:
        wait_until(lambda: lab._trials.lost([bad], [7]))
        comparison = lab.compare({bad: 1, arms[0]: -1}, "score", 1.0)
        assert comparison.verdict == "confirmed" and comparison.n < 7
    finally:
        lab.close()


def test_a_worker_that_is_told_to_ends():
    """Beside the thread in it that waits for the end of its parent."""
    pool = Pool(1)
    pool.submit(os.getpid).result(timeout=30)
    [worker] = pool._pool._processes.values()
    pool._pool.shutdown(wait=False)
    worker.join(timeout=5)
    status = worker.exitcode
    worker.kill()

    assert status == 0


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


def test_out_of_memory_with_one_seed_is_an_error():
    """There is nothing left to halve: a second try would go on for ever."""
    task = Mock(time_limit=0, **{"run.side_effect": [MemoryError("no room"), [{"score": 1.0}]]})
    with pytest.raises(MemoryError, match="no room"):
        Runner(1).run([(task, [5])], Mock(), Mock())


def test_workers_end_with_their_killed_parent(log):
    """They hold the parent's output: it ends only when the last of them has."""
    parent = subprocess.Popen([sys.executable, sample_trials.__file__, log], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(TESTS)})
    wait_until(lambda: len(tries(log)) == 2)
    parent.kill()
    output, _ = parent.communicate(timeout=10)
    assert len(tries(log)) == 2 and output.startswith(b"started")


def test_a_trial_that_says_that_it_takes_long_gets_the_time(log, monkeypatch):
    monkeypatch.setattr(noisy, "time_limit", 50, raising=False)
    task, engine = Task(Arm("noisy", noisy, log=log), "nowhere", "quick", "cpu"), Mock(timed=True)
    Runner(time_limit=20, engine=engine)._submit((task, [0, 1, 2], 1), {})

    assert engine.submit.call_args.args[-1] == 3 * 50
