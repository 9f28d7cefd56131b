"""Whole runs of pytest, each forked from a process that has done the imports, for these take longer than the runs."""
import importlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing import util
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from lab.pool import PRELOADED

TESTS = Path(__file__).parents[1]
LONGEST = 200       # seconds of a run, which is then ended


class WarmRuns:
    """Runs one after the other, each in a session of its own, with the processes that a run from a shell has."""

    def __init__(self):
        self._source = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1, env={**os.environ, "PYTHONPATH": str(TESTS)})
        self._session = int(self._source.stdout.readline())     # of nobody yet; by then all is imported

    def run(self, folder, killed_after=None):
        """(exit status, or minus the signal; seconds) of pytest in `folder`; its output goes to terminal.txt there."""
        began = monotonic()
        print(folder, file=self._source.stdin)
        self._session = int(self._source.stdout.readline())
        if killed_after is not None:
            sleep(killed_after)
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
    for name in [*PRELOADED, "lab.report.collect", "lab.session", "lab.training", "selfcheck.sample_trials"]:
        importlib.import_module(name)
    print(0, flush=True)
    for line in sys.stdin:
        run = os.fork()
        if run == 0:
            os.setsid()
            os.chdir(line.rstrip("\n"))
            for number, place, mode in (0, os.devnull, os.O_RDONLY), (1, "terminal.txt", os.O_WRONLY | os.O_CREAT):
                os.dup2(os.open(place, mode), number)
            os.dup2(1, 2)
            signal.alarm(LONGEST)
            util.spawnv_passfds = spawn_warm
            os._exit(pytest.main(["--data-dir=."]))
        print(run, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(run, 0)[1]), flush=True)


def spawn_warm(path, arguments, passed):
    """In the place of multiprocessing's own, which starts `python -c CODE`: its fork server would import all anew."""
    process = os.fork()
    if process == 0:
        try:
            kept = sorted({0, 1, 2, *passed})
            for below, above in zip(kept, [*kept[1:], os.sysconf("SC_OPEN_MAX")]):
                os.closerange(below + 1, above)
            exec(arguments[-1], {})
        finally:
            os._exit(0)
    return process


if __name__ == "__main__":
    serve()
