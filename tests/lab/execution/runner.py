"""Runs jobs on an engine, the most urgent first, and survives those that kill their process.

By default the engine is a pool of as many single-threaded processes as there are cores, started with the first job.
"""

import heapq
import threading
from concurrent.futures import CancelledError, TimeoutError
from dataclasses import dataclass, field, replace
from itertools import count
from queue import SimpleQueue

from lab.device import is_out_of_memory
from lab.errors import LabError
from lab.execution.processes import Processes, ThisProcess, available_cores

# Urgency: a second try; what a test waits for; what tests to come will want first, and then; what may be waited for.
RETRIED, WAITED_FOR, PREFETCHED, PREFETCHED_LATER, SPECULATIVE = range(5)


class TrialCrashed(LabError):
    """A trial ended its process, or outlasted its time limit, in both of its tries."""


class NothingLeft(LabError):
    """Somebody waits, and no job is left that could end it."""


@dataclass(order=True)
class Job:
    """A task and its seeds, which train together; `trials` says which are still missing, and takes what comes."""

    urgency: int
    number: int
    trials: object = field(compare=False)
    task: object = field(compare=False)
    seeds: list[int] = field(compare=False)
    tries: int = field(default=1, compare=False)


class Runner:
    """workers: 1 runs in this process, without time limit. engine: used instead. A try has `time_limit` seconds a seed.

    A trial that dies gets a second try, alone. Out of memory halves the batch of seeds.
    """

    def __init__(self, workers=None, time_limit=300.0, engine=None):
        cores = workers or available_cores()
        self.engine = engine or (ThisProcess() if cores == 1 else Processes(cores))
        self.time_limit = time_limit
        self._queue, self._running, self._error = [], {}, None
        self._numbers, self._news = count(), threading.Condition(threading.RLock())
        self._done, self._thread = SimpleQueue(), None  # futures that ended; who takes them while nobody waits

    @property
    def workers(self):
        """Jobs that run at once."""
        return self.engine.workers

    def put(self, urgency, trials, jobs):
        """Queue `jobs`, (task, seeds) each, in the place of those of this urgency that haven't begun."""
        with self._news:
            self.drop(lambda job: job.urgency == urgency)
            for task, seeds in jobs:
                heapq.heappush(self._queue, Job(urgency, next(self._numbers), trials, task, seeds))
            if self.engine.ahead:
                self._start_thread()
                self._fill()

    def drop(self, condition):
        """Forget the queued jobs of which this is true."""
        with self._news:
            self._queue = [job for job in self._queue if not condition(job)]
            heapq.heapify(self._queue)

    def wait(self, until):
        """Return when `until()`, asked whenever a job has ended; raises EngineError when the engine is lost."""
        while True:
            with self._news:
                if until():
                    return
                self._fill()
                error, self._error = self._error, None
                if error:
                    raise error
                if not self._running:
                    raise NothingLeft("no job is left that could end this wait: report it, with the command that ran")
                heard = self.engine.wait(self._news, self._patience())
            if not heard:
                self._give_up_engine()
            while self._thread is None and not self._done.empty():
                self._ended(self._done.get())

    def close(self):
        """End the workers, whatever they do, and forget what is queued."""
        with self._news:
            self._queue, self._running = [], {}
            self._done.put(None)
            self._done, self._thread = SimpleQueue(), None
        self.engine.close()

    def _start_thread(self):
        """An engine tells of ended jobs in a thread of its own, which must not be kept: another one sees to them."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._see_to_ended, args=(self._done,), daemon=True)
            self._thread.start()

    def _see_to_ended(self, done):
        while (future := done.get()) is not None:
            self._ended(future)

    def _fill(self):
        """Start the most urgent jobs, as many as there are idle workers."""
        try:
            while self._queue and len(self._running) < self.workers:
                job = heapq.heappop(self._queue)
                if seeds := job.trials.missing(job.task, job.seeds):
                    future = self.engine.submit(run, job.task, seeds, limit=self._limit(job.task, seeds))
                    job.trials.begun(job.task, seeds)
                    self._running[future] = replace(job, seeds=seeds)
                    future.add_done_callback(self._done.put)
        except LabError as error:  # perhaps while nobody waits; who waits next hears of it
            self._error = error

    def _ended(self, future):
        with self._news:
            job = self._running.pop(future, None)  # None: it was given up
            if job:
                self._take(job, future)
                if self.engine.ahead:
                    self._fill()
            self._news.notify_all()

    def _take(self, job, future):
        """Pass on what came of a job, or queue it for another try."""
        try:
            results = future.result(timeout=0)
        except (*self.engine.deaths, CancelledError, TimeoutError):
            if job.tries == 2:
                job.trials.failed(job.task, job.seeds, self._crash_of(job))
            else:
                self._again(job, [[seed] for seed in job.seeds], tries=2)
        except Exception as error:
            half = len(job.seeds) // 2
            if half and is_out_of_memory(error):
                self._again(job, [job.seeds[:half], job.seeds[half:]], job.tries)
            else:
                job.trials.failed(job.task, job.seeds, error)
        else:
            job.trials.arrived(job.task, job.seeds, results)

    def _crash_of(self, job):
        return TrialCrashed(
            f"arm {job.task.arm.name!r}, seed {job.seeds[0]}: its process died, or ran over the time limit of "
            f"{self.time_limit:g} s, twice: run this seed alone, or raise the limit"
        )

    def _again(self, job, parts, tries):
        job.trials.interrupted(job.task, job.seeds)
        for seeds in parts:
            heapq.heappush(
                self._queue, replace(job, urgency=RETRIED, number=next(self._numbers), seeds=seeds, tries=tries)
            )

    def _give_up_engine(self):
        """It has not ended a job by itself: what ran on it counts as dead."""
        self.engine.close()
        with self._news:
            running, self._running = self._running, {}
            for future, job in running.items():
                future.cancel()
                self._take(job, future)

    def _limit(self, task, seeds):
        """Seconds; a trial that is known to take long says so itself."""
        return max(self.time_limit, getattr(task, "time_limit", 0)) * len(seeds)

    def _patience(self):
        longest = max(self._limit(job.task, job.seeds) for job in self._running.values())
        return longest * self.engine.sharing + self.engine.patience


def run(task, seeds):
    """In the worker: a dict of metrics for each seed."""
    return task.run(seeds)
