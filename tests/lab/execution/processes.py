"""What an engine is, and those of this machine: this process, a pool of processes, and a process for each GPU."""

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import forkserver

import torch
from pebble import ProcessExpired, ProcessPool

MALLOC_TRIM_THRESHOLD, MALLOC_MMAP_MAX = -1, -4  # of glibc's malloc.h
# Forking from a server that has imported these gives a worker in 0.1 s; a spawned one imports for 3 s, and in its own
# memory. (A fork of the test process itself could inherit held locks.)
PRELOADED = ["torch", "torchvision", "sklearn.datasets", "sklearn.model_selection"]


class Engine:
    """Where jobs run, `workers` at once: what Runner needs to know.

    device: of its trials, as torch names it. exact: whether a trial gives the same bits when it runs again. deaths:
    exceptions that tell of a job whose process died or outlasted its limit. patience: seconds beyond the limit after
    which the engine itself counts as hung. sharing: runners that it serves, whose jobs may have to be waited for.
    """

    device, exact, deaths, patience, sharing = "cpu", True, (), 30, 1
    ahead = True  # whether jobs run while nobody waits for them
    here = True  # whether its workers see this machine's files

    def submit(self, function, *arguments, limit=None):
        """The future, of concurrent.futures, of function(*arguments), ended after `limit` seconds.

        The first job starts the engine.
        """
        raise NotImplementedError

    def wait(self, news, seconds):
        """Return once `news`, a condition, is told; False if it isn't within so many seconds."""
        return news.wait(seconds)

    def close(self):
        """End the jobs and the engine, until a next job starts it again."""


class ThisProcess(Engine):
    """Runs a job when somebody waits for it, without a limit of time."""

    workers, ahead, _job = 1, False, None

    def submit(self, function, *arguments, limit=None):
        self._job = future, _, _ = Future(), function, arguments
        return future

    def wait(self, news, seconds):
        future, function, arguments = self._job
        try:
            result = function(*arguments)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return True


class Processes(Engine):
    """`workers` processes; a job that dies, or outlasts its limit, takes no other one along."""

    deaths = (ProcessExpired, TimeoutError, BrokenProcessPool)

    def __init__(self, workers, method="forkserver"):
        known = method in multiprocessing.get_all_start_methods()
        self.workers, self._method, self._pool = workers, method if known else "spawn", None

    def submit(self, function, *arguments, limit=None):
        if self._pool and not self._pool.active:  # a worker was killed while none had a job
            threading.Thread(target=_end, args=(self._pool,), daemon=True).start()
            self._pool = None
        if self._pool is None:
            if self._method == "forkserver":
                start_server()
            context = multiprocessing.get_context(self._method)
            self._pool = ProcessPool(self.workers, context=context, initializer=_start_worker)
        return self._pool.schedule(function, args=arguments, timeout=limit)

    def close(self):
        pool, self._pool = self._pool, None
        if pool:
            _end(pool)


class Devices(Engine):
    """A process for each of these devices; their kernels add in no fixed order, so a trial is never quite the same."""

    exact, deaths = False, Processes.deaths

    def __init__(self, devices):
        self.workers, self.device = len(devices), devices[0].type
        self._idle = [(str(device), Processes(1, "spawn")) for device in devices]
        self._busy = {}

    def submit(self, function, task, seeds, limit=None):
        """The task is told which device is its own."""
        device, process = self._idle.pop(0)
        future = process.submit(function, replace(task, device=device), seeds, limit=limit)
        self._busy[future] = device, process
        future.add_done_callback(self._free)
        return future

    def _free(self, future):
        if future in self._busy:  # not once the engine has been closed
            self._idle.append(self._busy.pop(future))

    def close(self):
        self._idle += self._busy.values()
        self._busy.clear()
        for _, process in self._idle:
            process.close()


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


def _end(pool):
    pool.stop()
    pool.join()


def _start_worker():
    gc.freeze()  # a search for garbage among all that was imported takes 0.3 s, and makes 100 MB of it its own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is the parent's to handle
    become_worker()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    multiprocessing.parent_process().join()  # returns when the parent is gone, even by SIGKILL
    os._exit(1)
