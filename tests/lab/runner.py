"""Runs trials on any engine, and survives the ones that kill their process.

By default a pool of as many single-threaded processes as there are cores, started when the first trial is missing.
"""
import faulthandler
import sys
from collections import deque
from concurrent import futures
from concurrent.futures import BrokenExecutor, CancelledError
from itertools import islice

import torch

from lab.errors import LabError
from lab.pool import Pool, ThisProcess, available_cores


class TrialCrashed(LabError):
    """A trial ended its process, or outlasted its time limit, in both of its tries."""


class Runner:
    """A job is (arm, seeds), an arm's seeds being trained together; a try has `time_limit` seconds a seed.

    workers: 1 runs in this process, without time limit. engine: used instead, see lab.engines.
    """

    def __init__(self, workers=None, time_limit=300.0, engine=None):
        cores = workers or available_cores()
        self.engine, self.time_limit = engine or (ThisProcess() if cores == 1 else Pool(cores)), time_limit

    @property
    def workers(self):
        """Jobs that run at once."""
        return self.engine.workers

    def run(self, jobs, arrived):
        """Call `arrived(arm, seed, result)` for every trial as it ends; returns the crashed ones, as (arm, seed).

        jobs: an iterable; it is asked for the next job when a worker is free, and so may decide by what has arrived.
        A trial that dies gets a second try, alone; so does each one that ran beside it, where which of them broke the
        engine can't be told. Out of memory halves the batch of seeds. An error that a trial raises is raised here,
        once the trials that run have ended.
        """
        fresh, waiting, suspects, running = ((arm, seeds, 1) for arm, seeds in jobs), deque(), deque(), {}
        crashed, error = [], None
        try:
            while True:
                if suspects and not running:
                    self._submit(suspects.popleft(), running)
                while not suspects and len(running) < self.workers:
                    waiting.extend(islice(fresh, 0 if waiting else 1))
                    if not waiting:
                        break
                    self._submit(waiting.popleft(), running)
                if not running:
                    break
                done, _ = futures.wait(running, self._patience(running.values()), futures.FIRST_COMPLETED)
                if not done:
                    self.close()
                for future in done or list(running):
                    arm, seeds, tries = running.pop(future)
                    try:
                        for seed, result in zip(seeds, future.result(timeout=0), strict=True):
                            arrived(arm, seed, result)
                    except (*self.engine.deaths, BrokenExecutor, CancelledError, futures.TimeoutError) as death:
                        if not isinstance(death, self.engine.deaths):
                            self.close()
                        if tries == 2:
                            crashed.append((arm, seeds[0]))
                        else:
                            suspects.extend((arm, [seed], 2) for seed in seeds)
                    except Exception as raised:
                        if len(seeds) > 1 and _is_out_of_memory(raised):
                            half = len(seeds) // 2
                            waiting.extend([(arm, seeds[:half], tries), (arm, seeds[half:], tries)])
                        else:
                            error = error or raised
                            fresh, waiting = iter(()), deque()
        except BaseException:           # above all ctrl-C
            self.close()
            raise
        if error:
            raise error
        return crashed

    def close(self):
        """End the workers, whatever they do."""
        self.engine.close()

    def _submit(self, job, running):
        arm, seeds, _ = job
        limit = self.time_limit * len(seeds) if self.engine.timed else None
        try:
            future = self.engine.submit(_try, arm, seeds, limit)
        except BrokenExecutor:          # since the last look; what ran on it has failed too, and is seen to next
            self.close()
            future = self.engine.submit(_try, arm, seeds, limit)
        running[future] = job

    def _patience(self, jobs):
        """Seconds until the engine itself counts as hung, for the watchdog in the worker has failed."""
        longest = max((self.time_limit * len(seeds) for _, seeds, _ in jobs), default=0)
        return longest * self.engine.sharing + self.engine.patience


def _try(arm, seeds, limit):
    """In the worker. The watchdog is a thread of C, which ends the process even if a trial holds the interpreter."""
    if limit:
        faulthandler.dump_traceback_later(limit, exit=True, file=sys.__stderr__)
    try:
        return arm.run(seeds)
    finally:
        if limit:
            faulthandler.cancel_dump_traceback_later()


def _is_out_of_memory(error):
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
