"""Engines beyond this machine, chosen by --engine: a Dask cluster, and Slurm through submitit."""
import importlib
import math
import shutil
import tempfile
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from lab.execution.environment import EngineError, portable
from lab.execution.processes import Engine, ThisProcess

CONNECT = 5             # seconds in which a scheduler has to answer
RESTART = 20            # seconds in which one worker has to be there; a nanny may have to start it again
SLURM_JOBS = 16


def chosen(text, folder, sharing=1):
    """The engine that --engine names, None for the local one; EngineError if there is no such thing.

    folder: seen by all nodes; Slurm's jobs and their logs go there. sharing: see Engine.
    """
    name, _, rest = text.partition("=")
    if text == "local":
        return None
    if name == "dask":
        return Dask(rest, sharing)
    if text == "slurm" or name == "slurm" and rest.isdecimal() and int(rest):
        return Slurm(folder, int(rest or SLURM_JOBS))
    raise EngineError(f"--engine {text!r} isn't known: choose local, dask=tcp://host:port, slurm or slurm=JOBS")


class Dask(Engine):
    """A Dask cluster, of workers with one thread each.

    Its scheduler is told not to repeat what killed a worker (it would, three times), for the tries are the runner's to
    count; this holds for all who use the scheduler.
    """

    def __init__(self, address, sharing=1):
        if not _is_tcp(address):
            raise EngineError(f"--engine dask={address}: give the scheduler's address, as in dask=tcp://localhost:8786")
        self.dask, self.address, self.sharing = _package("distributed"), address, sharing
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
            try:
                client.close(timeout=CONNECT)
            except self.dask.TimeoutError:      # the scheduler hangs
                pass

    def connect(self):
        """Be connected, or raise EngineError; once lost, a scheduler is lost for good: all claims would wait for it."""
        if self._lost:
            raise self._lost
        if self._client and self._client.status == "running":
            return
        self.close()
        client = partial(self.dask.Client, self.address, timeout=CONNECT, set_as_default=False)
        try:
            self._client = _within(2 * CONNECT, client)     # for a scheduler may accept, and hang
            threads = _within(2 * RESTART, self._prepare)
        except (OSError, self.dask.TimeoutError, Empty) as error:
            raise self._lose("has no worker" if self._client else "doesn't answer") from error
        if max(threads) > 1:
            raise self._lose(f"has a worker of {max(threads)} threads, which would train in turns")
        self._workers = len(threads)
        self._executor = self._client.get_executor(pure=False, retries=0)   # pure would not run a trial again

    def _prepare(self):
        self._client.wait_for_workers(1, timeout=RESTART)
        self._client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
        return self._client.nthreads().values()

    def _lose(self, what):
        self.close()
        self._lost = EngineError(f"the Dask scheduler {self.address} {what}: start `dask scheduler`, and on each core "
                                 f"`dask worker {self.address} --nthreads 1`, or use --engine local")
        return self._lost


class Slurm(Engine):
    """Slurm, each job a submission of one core. cluster: "local" is submitit's own stand-in for it."""
    patience = 24 * 3600        # a job may wait long before it starts

    def __init__(self, folder, workers=SLURM_JOBS, cluster="slurm"):
        self.submitit, self.workers = _package("submitit"), workers
        if cluster == "slurm" and not shutil.which("srun"):
            raise EngineError("--engine slurm: there is no `srun` here: log in where Slurm is, or use --engine local")
        self.deaths = (self.submitit.core.utils.UncompletedJobError,)
        self._parent, self._cluster, self._executor = folder, cluster, None

    def connect(self):
        """Nothing more to find out."""

    def submit(self, function, task, seeds, limit):
        if not self._executor:
            self._folder, self._died = tempfile.mkdtemp(prefix=".slurm-", dir=self._parent), False
            self._executor = self.submitit.AutoExecutor(self._folder, cluster=self._cluster)
            self._followers, self._closing = ThreadPoolExecutor(self.workers), threading.Event()
        minutes = math.ceil(limit / 60) + 3         # Slurm gives notice 1.5 minutes before the end
        self._executor.update_parameters(timeout_min=minutes, cpus_per_task=1, name="trial")
        try:
            job = self._executor.submit(_outcome(portable(function, task, seeds, limit)))
        except self.deaths as error:
            raise EngineError(f"Slurm refuses a job ({str(error).strip()}): say where in sbatch's own variables, "
                              "like SBATCH_ACCOUNT and SBATCH_PARTITION") from error
        return self._followers.submit(self._follow, job)

    def close(self):
        """Cancel the jobs; the folder stays, for the logs in it, if one died."""
        if self._executor:
            self._closing.set()
            self._followers.shutdown()
            self._executor = None
            if not self._died:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _follow(self, job):
        while not job.done():
            if self._closing.wait(1):
                job.cancel(check=False)
                raise CancelledError
        try:
            result, error = job.result()
        except self.deaths:
            self._died = True
            raise
        if error:
            raise error
        return result


def _outcome(call):
    """A call that returns (result, None) or (None, error): of an error that's raised, submitit keeps the text only."""
    def caught():
        try:
            return call(), None
        except Exception as error:
            return None, error
    return caught


def _within(seconds, function):
    """`function()`, or queue.Empty; what hangs is left to itself."""
    answers = SimpleQueue()
    threading.Thread(target=lambda: answers.put(ThisProcess().submit(function)), daemon=True).start()
    return answers.get(timeout=seconds).result()


def _package(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineError(f"this engine needs the package {name}: pip install {name}") from error


def _is_tcp(address):
    try:
        parts = urlsplit(address)
        return parts.scheme == "tcp" and bool(parts.hostname and parts.port) and parts.path in {"", "/"}
    except ValueError:          # of the port
        return False
