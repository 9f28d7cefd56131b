"""Runs trials on any engine, and survives the ones that kill their process.

By default a pool of as many single-threaded processes as there are cores, started when the first trial is missing.
"""
import faulthandler
import sys
from collections import deque
from concurrent import futures
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import suppress
from itertools import islice

import torch

from lab.errors import LabError
from lab.execution.processes import Pool, ThisProcess, available_cores


class TrialCrashed(LabError):
    """A trial ended its process, or outlasted its time limit, in both of its tries."""


class Runner:
    """A job is (task, seeds), a task's seeds being trained together; a try has `time_limit` seconds a seed.

    workers: 1 runs in this process, without time limit. engine: used instead, see lab.execution.clusters.
    """

    def __init__(self, workers=None, time_limit=300.0, engine=None):
        cores = workers or available_cores()
        self.engine, self.time_limit = engine or (ThisProcess() if cores == 1 else Pool(cores)), time_limit
        self._bell, self._closed = Future(), 0

    @property
    def workers(self):
        """Jobs that run at once."""
        return self.engine.workers

    def run(self, jobs, arrived, crashed):
        """Call `arrived(task, seed, result)` for every trial as it ends, `crashed(task, seed)` for one that can't.

        jobs: an iterable; it is asked for the next job when a worker is free, and so may decide by what has arrived.
        An iterator that has none is asked again when something has arrived, or another thread says `wake()`.
        A trial that dies gets a second try, alone; so does each one that ran beside it, where which of them broke the
        engine can't be told. Out of memory halves the batch of seeds. An error that a trial raises is raised here,
        once the trials that run have ended. `close()` by another thread ends the run.
        """
        fresh, waiting, suspects, running = map(lambda job: (*job, 1), jobs), deque(), deque(), {}
        error, closed = None, self._closed
        try:
            while self._closed == closed:
                if suspects and not running:
                    self._submit(suspects.popleft(), running)
                while not suspects and len(running) < self.workers:
                    waiting.extend(islice(fresh, 0 if waiting else 1))
                    if not waiting:
                        break
                    self._submit(waiting.popleft(), running)
                if not running:
                    break
                done, _ = futures.wait([self._bell, *running], self._patience(running.values()),
                                       futures.FIRST_COMPLETED)
                if not done:
                    self.engine.close()
                if self._bell.done():
                    self._bell = Future()
                for future in done & running.keys() if done else list(running):
                    task, seeds, tries = running.pop(future)
                    try:
                        for seed, result in zip(seeds, future.result(timeout=0), strict=True):
                            arrived(task, seed, result)
                    except (*self.engine.deaths, BrokenExecutor, CancelledError, futures.TimeoutError) as death:
                        if not isinstance(death, self.engine.deaths):
                            self.engine.close()
                        if tries == 2:
                            crashed(task, seeds[0])
                        else:
                            suspects.extend((task, [seed], 2) for seed in seeds)
                    except Exception as raised:
                        if len(seeds) > 1 and _is_out_of_memory(raised):
                            half = len(seeds) // 2
                            waiting.extend([(task, seeds[:half], tries), (task, seeds[half:], tries)])
                        else:
                            error = error or raised
                            fresh, waiting = iter(()), deque()
        except BaseException:           # above all ctrl-C
            self.engine.close()
            raise
        if self._closed != closed:      # meanwhile a job may have started the engine again
            self.engine.close()
        if error:
            raise error

    def wake(self):
        """Have a run in another thread ask for jobs now."""
        with suppress(futures.InvalidStateError):       # it has not yet heard the last time
            self._bell.set_result(None)

    def close(self):
        """End the workers, whatever they do, and a run in another thread."""
        self._closed += 1
        self.engine.close()
        self.wake()

    def _submit(self, job, running):
        task, seeds, _ = job
        limit = self._seconds(task, seeds) if self.engine.timed else None
        try:
            future = self.engine.submit(_try, task, seeds, limit)
        except BrokenExecutor:          # since the last look; what ran on it has failed too, and is seen to next
            self.engine.close()
            future = self.engine.submit(_try, task, seeds, limit)
        running[future] = job

    def _patience(self, jobs):
        """Seconds until the engine itself counts as hung, for the watchdog in the worker has failed."""
        longest = max((self._seconds(task, seeds) for task, seeds, _ in jobs), default=0)
        return longest * self.engine.sharing + self.engine.patience

    def _seconds(self, task, seeds):
        """A trial that is known to take long says so itself."""
        return max(self.time_limit, getattr(task, "time_limit", 0)) * len(seeds)


def _try(task, seeds, limit):
    """In the worker. The watchdog is a thread of C, which ends the process even if a trial holds the interpreter."""
    if limit:
        faulthandler.dump_traceback_later(limit, exit=True, file=sys.__stderr__)
    try:
        return task.run(seeds)
    finally:
        if limit:
            faulthandler.cancel_dump_traceback_later()


def _is_out_of_memory(error):
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
