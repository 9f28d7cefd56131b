"""A Dask cluster as engine; on Slurm, sbatch starts its workers."""

import importlib
import threading
from concurrent.futures import Future, TimeoutError
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from lab.execution.environment import EngineError, portable
from lab.execution.processes import Engine

CONNECT = 5  # seconds in which a scheduler has to answer
RESTART = 20  # seconds in which one worker has to be there; a nanny may have to start it again


def chosen(text, sharing=1):
    """The engine that --engine names, None for the local one; EngineError if there is no such thing.

    sharing: see Engine.
    """
    name, _, address = text.partition("=")
    if text == "local":
        return None
    if name == "dask":
        return Dask(address, sharing)
    raise EngineError(
        f"--engine {text!r} isn't known: choose local or dask=tcp://host:port, whose workers sbatch may start on Slurm"
    )


class Dask(Engine):
    """A Dask cluster, of workers with one thread each.

    Its scheduler is told not to repeat what killed a worker (it would, three times), for the tries are the runner's to
    count; this holds for all who use the scheduler.
    """

    here = False

    def __init__(self, address, sharing=1):
        if not _is_tcp(address):
            raise EngineError(f"--engine dask={address}: give the scheduler's address, as in dask=tcp://localhost:8786")
        try:
            self.dask = importlib.import_module("distributed")  # seconds: only where it is asked for
        except ImportError as error:
            raise EngineError("this engine needs the package distributed: pip install distributed") from error
        self.address, self.sharing = address, sharing
        self.deaths = (self.dask.KilledWorker,)
        self._client = self._executor = self._workers = self._lost = None

    @property
    def workers(self):
        self.connect()
        return self._workers

    def submit(self, function, task, seeds, limit):
        self.connect()
        return self._executor.submit(portable(function, task, seeds, limit))

    def close(self):
        """Drop what waits; what runs is ended by none but its own watchdog."""
        client, self._client = self._client, None
        if client:
            with suppress(self.dask.TimeoutError):  # the scheduler hangs
                client.close(timeout=CONNECT)

    def connect(self):
        """Be connected, or raise EngineError; once lost, a scheduler is lost for good: all claims would wait for it."""
        if self._lost:
            raise self._lost
        if self._client and self._client.status == "running":
            return
        self.close()
        client = partial(self.dask.Client, self.address, timeout=CONNECT, set_as_default=False)
        try:
            self._client = _within(2 * CONNECT, client)  # for a scheduler may accept, and hang
            threads = _within(2 * RESTART, self._prepare)
        except (OSError, self.dask.TimeoutError, TimeoutError) as error:
            raise self._lose("has no worker" if self._client else "doesn't answer") from error
        if max(threads) > 1:
            raise self._lose(f"has a worker of {max(threads)} threads, which would train in turns")
        self._workers = len(threads)
        self._executor = self._client.get_executor(pure=False, retries=0)  # pure would not run a trial again

    def _prepare(self):
        self._client.wait_for_workers(1, timeout=RESTART)
        self._client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
        return self._client.nthreads().values()

    def _lose(self, what):
        self.close()
        self._lost = EngineError(
            f"the Dask scheduler {self.address} {what}: start `dask scheduler`, and on each core "
            f"`dask worker {self.address} --nthreads 1`, or use --engine local"
        )
        return self._lost


def _within(seconds, function):
    """`function()`, or TimeoutError; what hangs is left to itself, in a thread that doesn't keep Python from ending."""
    answer = Future()

    def ask():
        try:
            answer.set_result(function())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    return answer.result(timeout=seconds)


def _is_tcp(address):
    try:
        parts = urlsplit(address)
        return parts.scheme == "tcp" and bool(parts.hostname and parts.port) and parts.path in {"", "/"}
    except ValueError:  # of the port
        return False
