"""A real Dask cluster for the selfchecks of engines, which must leave no process behind."""
import os
import signal
import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def cluster(folder):
    """(address, scheduler process): with two workers of one thread, in a folder from which lab can't be imported."""
    from distributed import Client

    def start(*arguments):
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", "scheduler.json", "--no-dashboard"]
        with open(folder / "log", "a", encoding="utf-8") as log:
            return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)

    processes = [start("scheduler", "--host", "127.0.0.1", "--port", "0")]
    try:
        processes += [start("worker", "--nworkers", "1", "--nthreads", "1") for _ in range(2)]
        with Client(scheduler_file=folder / "scheduler.json", timeout=100, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=100)
            address = client.scheduler.address
        yield address, processes[0]
    finally:
        for process in processes:       # a session each: the worker goes with the nanny that would start it again
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
