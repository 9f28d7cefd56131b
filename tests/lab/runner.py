"""Runs trials on any concurrent.futures.Executor, and survives the ones that kill their process.

By default a pool of as many single-threaded processes as there are cores, started when the first trial is missing.
"""
import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent import futures
from concurrent.futures import BrokenExecutor, CancelledError

import torch

from lab.errors import LabError

MALLOC_TRIM_THRESHOLD, MALLOC_MMAP_MAX = -1, -4     # of glibc's malloc.h
GRACE = 30          # seconds that the watchdog in the worker gets before the engine itself counts as hung
# Forking from a server that has imported these gives a worker in 0.1 s; a spawned one imports for 3 s, and in its own
# memory. (A fork of the test process itself could inherit held locks.)
PRELOADED = ["torch", "torchvision", "sklearn.datasets", "sklearn.model_selection"]


class TrialCrashed(LabError):
    """A trial ended its process, or outlasted its time limit, in both of its tries."""


class Runner:
    """A job is (arm, seeds), an arm's seeds being trained together; a try has `time_limit` seconds a seed.

    workers: 1 runs in this process, without time limit. engine: a function that makes another executor than the pool.
    """

    def __init__(self, workers=None, time_limit=300.0, engine=None):
        self.workers, self.time_limit = workers or available_cores(), time_limit
        self._make, self._engine = engine or (_InThisProcess if self.workers == 1 else _pool), None

    def run(self, jobs, arrived):
        """Call `arrived(arm, seed, result)` for every trial as it ends; returns the crashed ones, as (arm, seed).

        A trial that dies gets a second try, alone; so does each one that ran beside it, for which of them broke the
        pool can't be told. Out of memory halves the batch of seeds. An error that a trial raises is raised here, once
        the trials that run have ended.
        """
        waiting, suspects, running = deque((arm, seeds, 1) for arm, seeds in jobs), deque(), {}
        crashed, error = [], None
        try:
            while waiting or suspects or running:
                if suspects and not running:
                    self._submit(suspects.popleft(), running)
                while waiting and not suspects and len(running) < self.workers:
                    self._submit(waiting.popleft(), running)
                done, _ = futures.wait(running, self._patience(running.values()), futures.FIRST_COMPLETED)
                if not done:
                    self.close()
                for future in done or list(running):
                    arm, seeds, tries = running.pop(future)
                    try:
                        for seed, result in zip(seeds, future.result(timeout=0), strict=True):
                            arrived(arm, seed, result)
                    except (BrokenExecutor, CancelledError, TimeoutError):
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
                            waiting.clear()
        except BaseException:           # above all ctrl-C
            self.close()
            raise
        if error:
            raise error
        return crashed

    def close(self):
        """End the workers, whatever they do."""
        engine, self._engine = self._engine, None
        if engine:
            workers = list((getattr(engine, "_processes", None) or {}).values())
            engine.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.kill()

    def _submit(self, job, running):
        arm, seeds, _ = job
        self._engine = self._engine or self._make(self.workers)
        limit = None if self.workers == 1 else self.time_limit * len(seeds)
        running[self._engine.submit(_try, arm, seeds, limit)] = job

    def _patience(self, jobs):
        return max((self.time_limit * len(seeds) for _, seeds, _ in jobs), default=0) + GRACE


def available_cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _try(arm, seeds, limit):
    """In the worker. The watchdog is a thread of C, which ends the process even if a trial holds the interpreter."""
    if limit:
        faulthandler.dump_traceback_later(limit, exit=True, file=sys.__stderr__)
    try:
        return arm.run(seeds)
    finally:
        if limit:
            faulthandler.cancel_dump_traceback_later()


def _pool(workers):
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(PRELOADED)
    return futures.ProcessPoolExecutor(workers, context, _start_worker)


def _start_worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # ctrl-C is the parent's to handle
    torch.set_num_threads(1)                            # two workers with all threads each are 8 times slower
    _keep_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _keep_memory():
    """Tell glibc to keep what a step frees for the next step: asking the system anew takes a third of the time."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt:
        mallopt(MALLOC_MMAP_MAX, 0)
        mallopt(MALLOC_TRIM_THRESHOLD, 2**31 - 1)


def _end_with_parent():
    multiprocessing.parent_process().join()             # returns when the parent is gone, even by SIGKILL
    os._exit(1)


class _InThisProcess(futures.Executor):
    def __init__(self, workers):
        pass

    def submit(self, function, /, *args):
        future = futures.Future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def _is_out_of_memory(error):
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "can't allocate memory" in str(error)
