"""What an engine is, and those of this machine: this process, and a pool of processes forked from a warm server."""
import ctypes
import multiprocessing
import os
import signal
import threading
from concurrent import futures
from multiprocessing import forkserver

import torch

MALLOC_TRIM_THRESHOLD, MALLOC_MMAP_MAX = -1, -4     # of glibc's malloc.h
# Forking from a server that has imported these gives a worker in 0.1 s; a spawned one imports for 3 s, and in its own
# memory. (A fork of the test process itself could inherit held locks.)
PRELOADED = ["torch", "torchvision", "sklearn.datasets", "sklearn.model_selection"]


class Engine:
    """Where jobs run, `workers` at once: what Runner needs to know.

    deaths: exceptions that tell of a job's dead process where the engine itself goes on.
    """
    timed = True        # whether a job can be ended
    patience = 30       # seconds that a job may take beyond its time limit before the engine counts as hung
    sharing = 1         # runners that the engine serves, whose jobs may have to be waited for
    deaths = ()

    def submit(self, function, task, seeds, limit):
        """The future, of concurrent.futures, of `function(task, seeds, limit)`; the first one starts the engine."""
        raise NotImplementedError

    def close(self):
        """End the jobs and the engine, until a next job starts it again."""


class ThisProcess(Engine):
    """Runs a job when it is submitted."""
    workers, timed = 1, False

    def submit(self, function, *args):
        future = futures.Future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class Pool(Engine):
    """`workers` processes; one that dies breaks the pool, and which job it died of can't be told."""

    def __init__(self, workers):
        self.workers, self._pool = workers, None

    def submit(self, function, *args):
        self._pool = self._pool or _started(self.workers)
        return self._pool.submit(function, *args)

    def close(self):
        pool, self._pool = self._pool, None
        if pool:
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.kill()


def available_cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def become_worker():
    """Make this process one that trains: one thread (two workers with all threads each are 8 times slower).

    glibc keeps what a step frees for the next step: asking the system anew takes a third of the time.
    """
    torch.set_num_threads(1)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt:
        mallopt(MALLOC_MMAP_MAX, 0)
        mallopt(MALLOC_TRIM_THRESHOLD, 2**31 - 1)


def start_server():
    """Start the server that workers are forked from; its imports take a core 3 s."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()


def _started(workers):
    start_server()
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    return futures.ProcessPoolExecutor(workers, multiprocessing.get_context(kind), _start_worker)


def _start_worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # ctrl-C is the parent's to handle
    become_worker()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    multiprocessing.parent_process().join()             # returns when the parent is gone, even by SIGKILL
    os._exit(1)
