"""Do bad trials stay their own problem, and do the workers end when they should?"""
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest
import torch

from lab.execution.processes import Devices, Engine, Processes
from lab.execution.runner import PREFETCHED, SPECULATIVE, WAITED_FOR, NothingLeft, Runner, TrialCrashed
from lab.experiments.arms import Arm, Task
from lab.experiments.laboratory import Laboratory
from selfcheck import sample_trials
from selfcheck.sample_trials import dying, endless, gated, hungry, noisy, raising, tries, wait_until

TESTS = Path(__file__).parents[2]


class Ledger:
    """In the place of lab.experiments.trials.Trials: all seeds are missing until they arrive or fail."""

    def __init__(self):
        self.ended, self.begun_with, self.errors = [], [], {}

    def missing(self, task, seeds):
        return [seed for seed in seeds if seed not in self.ended]

    def begun(self, task, seeds):
        self.begun_with.append((task.arm.name, seeds))

    def interrupted(self, task, seeds):
        pass

    def arrived(self, task, seeds, results):
        self.ended += seeds

    def failed(self, task, seeds, error):
        self.errors |= dict.fromkeys(seeds, error)
        self.ended += seeds


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def task(arms):
    return Task(arms[0], "nowhere")


def test_the_most_urgent_job_goes_first_and_equals_in_their_order(ledger, task):
    runner = Runner(1)
    for urgency, seeds in (SPECULATIVE, [9, 8]), (PREFETCHED, [5]), (WAITED_FOR, [7, 3]):
        runner.put(urgency, ledger, [(task, [seed]) for seed in seeds])
    runner.wait(lambda: len(ledger.ended) == 5)

    assert ledger.ended == [7, 3, 5, 9, 8]


def test_jobs_that_were_not_begun_are_replaced_and_dropped(ledger, task):
    runner = Runner(1)
    runner.put(WAITED_FOR, ledger, [(task, [3])])
    runner.put(WAITED_FOR, ledger, [(task, [5]), (task, [7])])
    runner.put(PREFETCHED, ledger, [(task, [9])])
    runner.drop(lambda job: job.seeds == [7])
    runner.wait(lambda: len(ledger.ended) == 2)

    assert ledger.ended == [5, 9]


def test_what_has_ended_meanwhile_is_not_begun(ledger, task):
    runner = Runner(1)
    runner.put(WAITED_FOR, ledger, [(task, [3]), (task, [3, 5])])
    runner.wait(lambda: 5 in ledger.ended)

    assert [seeds for _, seeds in ledger.begun_with] == [[3], [5]]


def test_waiting_for_what_nothing_can_bring_is_an_error(ledger, task):
    with pytest.raises(NothingLeft, match="no job is left that could end this wait"):
        Runner(1).wait(lambda: False)


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
        assert [trial["score"] for trial in lab.trials(bad, survivors)] == survivors
        assert all(sum(seed in seeds for seeds in tries(log)) <= 2 for seed in survivors)
        assert lab.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0).verdict == "confirmed"
    finally:
        lab.close()


def test_a_trial_lost_beyond_the_deciding_pair_changes_nothing(arms, tmp_path):
    """A warm run, which finds the pairs up to there, would not miss it either."""
    bad = Arm("bad", dying, mean=100.0, fatal=7, log=str(tmp_path / "log of the bad arm"))
    lab = Laboratory("nowhere", runner=Runner(2), prefetch=[bad, arms[0]])
    try:
        wait_until(lambda: lab._trials.settled([bad], [7]))
        comparison = lab.compare({bad: 1, arms[0]: -1}, "score", 1.0)
        assert comparison.verdict == "confirmed" and comparison.n < 7
    finally:
        lab.close()


def test_a_worker_looks_for_no_garbage_among_what_was_imported_before_it():
    process = Processes(1)
    frozen = process.submit(gc.get_freeze_count).result()
    process.close()

    assert frozen > 100_000


def test_a_worker_that_is_told_to_ends():
    """Beside the thread in it that waits for the end of its parent."""
    pool = Processes(1)
    worker = psutil.Process(pool.submit(os.getpid).result(timeout=30))
    pool.close()

    assert psutil.wait_procs([worker], timeout=60)[1] == []


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
    lab, began = Laboratory("nowhere", runner=Runner(2, time_limit=0.3)), time.monotonic()
    with pytest.raises(TrialCrashed, match="time limit of 0.3 s"):
        lab.trials(Arm("endless", endless, log=log), [0])
    assert tries(log) == [[0], [0]]
    assert time.monotonic() - began < 20        # by the pool, and not by giving up the pool
    lab.close()


def test_a_trials_own_error_is_passed_on(pool, log):
    with pytest.raises(ZeroDivisionError, match="the trial's own mistake"):
        Laboratory("nowhere", runner=pool).trials(Arm("raising", raising, log=log), [0, 1])


@pytest.mark.parametrize("workers", [1, 2])
def test_out_of_memory_halves_the_batch_of_seeds(pool, workers, log):
    runner = pool if workers == 2 else Runner(1)
    trials = Laboratory("nowhere", runner=runner).trials(Arm("hungry", hungry, log=log), list(range(7)))
    assert [trial["score"] for trial in trials] == list(range(7))


def test_out_of_memory_with_one_seed_is_an_error(ledger):
    """There is nothing left to halve: a second try would go on for ever."""
    task = Mock(time_limit=0, **{"run.side_effect": [MemoryError("no room"), [{"score": 1.0}]]})
    runner = Runner(1)
    runner.put(WAITED_FOR, ledger, [(task, [5])])
    runner.wait(lambda: ledger.ended)

    assert isinstance(ledger.errors[5], MemoryError)


def test_workers_end_with_their_killed_parent(log):
    """They hold the parent's output: it ends only when the last of them has."""
    parent = subprocess.Popen([sys.executable, sample_trials.__file__, log], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(TESTS)})
    wait_until(lambda: len(tries(log)) == 2)
    parent.kill()
    output, _ = parent.communicate(timeout=100)   # the trials themselves take for ever
    assert len(tries(log)) == 2 and output.startswith(b"started")


def test_a_trial_that_says_that_it_takes_long_gets_the_time(task, ledger, monkeypatch):
    monkeypatch.setattr(noisy, "time_limit", 50, raising=False)
    engine = Mock(ahead=True, workers=1, **{"submit.return_value": Future()})
    Runner(time_limit=20, engine=engine).put(WAITED_FOR, ledger, [(task, [0, 1, 2])])

    assert engine.submit.call_args.kwargs == {"limit": 3 * 50}


@pytest.mark.parametrize("sharing, crashed", [(3, 0), (1, 1)])
def test_where_other_runners_may_go_first_a_trial_may_wait(task, ledger, sharing, crashed):
    class Queue(Engine):
        workers, patience = 1, 0

        def submit(self, function, *arguments, limit):
            return ThreadPoolExecutor(1).submit(lambda: (time.sleep(2 * limit), function(*arguments))[1])

    queue = Queue()
    queue.sharing = sharing
    runner = Runner(time_limit=0.8, engine=queue)
    runner.put(WAITED_FOR, ledger, [(task, [0])])
    runner.wait(lambda: ledger.ended)
    assert len(ledger.errors) == crashed


def test_a_device_trains_a_seed_at_a_time_and_each_is_told_which_it_is(ledger, log, monkeypatch):
    """Processes of the CPU stand in for GPUs."""
    taken = []

    class Process:
        def __init__(self, workers, method):
            self.workers = workers

        def submit(self, function, task, seeds, limit):
            taken.append((task.device, seeds))
            future = Future()
            threading.Timer(0.05, lambda: future.set_result([{"score": 0.0} for _ in seeds])).start()
            return future

    monkeypatch.setattr("lab.execution.processes.Processes", Process)
    engine = Devices([torch.device("cuda", 0), torch.device("cuda", 1)])
    runner, task = Runner(engine=engine), Task(Arm("noisy", noisy, log=log), "nowhere", engine.device)
    runner.put(WAITED_FOR, ledger, [(task, [seed]) for seed in range(4)])
    runner.wait(lambda: len(ledger.ended) == 4)

    assert (engine.workers, engine.device, engine.exact) == (2, "cuda", False)
    assert sorted(taken[:2]) == [("cuda:0", [0]), ("cuda:1", [1])] and {seeds[0] for _, seeds in taken} == {0, 1, 2, 3}
