"""Whole runs of pytest, each forked from a process that has done the imports, for these take longer than the runs."""
import importlib
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from multiprocessing import util
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from lab.execution.processes import PRELOADED

TESTS = Path(__file__).parents[1]
LONGEST = 200       # seconds of a run, which is then ended
WRITTEN = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class WarmRuns:
    """Runs one after the other, each in a session of its own, with the processes that a run from a shell has."""

    def __init__(self):
        self._source = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1, env={**os.environ, "PYTHONPATH": str(TESTS)})
        self._session = int(self._source.stdout.readline())     # of nobody yet; by then all is imported

    def run(self, folder, *options, project=None, cores=None, until=None):
        """(exit status, or minus the signal; seconds) of pytest in `folder`; its output goes to terminal.txt there.

        project: where pytest starts, if not in `folder`, which still is its folder of data. cores: how many it may use,
        None for all. until: a function; the run is killed when it returns.
        """
        began = monotonic()
        options = [f"--data-dir={folder}", *map(str, options)]
        print(json.dumps([str(folder), str(project or folder), options, cores]), file=self._source.stdin)
        self._session = int(self._source.stdout.readline())
        if until:
            until()
            with suppress(ProcessLookupError):      # it has ended
                os.kill(self._session, signal.SIGKILL)
        return int(self._source.stdout.readline()), monotonic() - began

    def left_over(self, seconds):
        """The last run's processes that still run so many seconds later, or [] as soon as there are none."""
        deadline = monotonic() + seconds
        while (alive := [process for process in psutil.process_iter() if self._is_ours(process)]):
            if monotonic() > deadline:
                break
            sleep(0.02)
        return alive

    def close(self):
        self._source.stdin.close()
        self._source.wait()

    def _is_ours(self, process):
        with suppress(ProcessLookupError, psutil.Error):
            return os.getsid(process.pid) == self._session and process.status() != psutil.STATUS_ZOMBIE
        return False


def serve():
    """Import, then for each line of the input run pytest in the folder that it names; tells process and status."""
    for name in [*PRELOADED, "lab.report.plugin", "lab.experiments.plugin", "lab.training.sgd",
                 "selfcheck.sample_trials"]:
        importlib.import_module(name)
    print(0, flush=True)
    for line in sys.stdin:
        run = os.fork()
        if run == 0:
            folder, project, options, cores = json.loads(line)
            os.setsid()
            os.chdir(project)
            if cores:
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
            for number, place, mode in (0, os.devnull, os.O_RDONLY), (1, f"{folder}/terminal.txt", WRITTEN):
                os.dup2(os.open(place, mode), number)
            os.dup2(1, 2)
            signal.alarm(LONGEST)
            util.spawnv_passfds, subprocess.Popen = spawn_warm, partial(open_warm, subprocess.Popen)
            os._exit(pytest.main(options))
        print(run, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(run, 0)[1]), flush=True)


def spawn_warm(path, arguments, passed):
    """In the place of multiprocessing's own, which starts `python -c CODE`: its fork server would import all anew."""
    process = os.fork()
    if process == 0:
        run_code(arguments, passed)
    return process


def open_warm(popen, arguments, **options):
    """In the place of subprocess.Popen; the worker processes of xdist are `python -c CODE` too."""
    if "-c" in arguments:
        options["preexec_fn"] = partial(run_code, arguments)
    return popen(arguments, **options)


def run_code(arguments, passed=()):
    """Be `python -c CODE`, with these files open; never returns."""
    try:
        kept = sorted({0, 1, 2, *passed})
        for below, above in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")]):
            os.closerange(below + 1, above)
        sys.stdin = open(0, encoding="utf-8", closefd=False)    # noqa: SIM115  (open to the end of the process)
        exec(arguments[-1], {})
    finally:
        os._exit(0)


if __name__ == "__main__":
    serve()
