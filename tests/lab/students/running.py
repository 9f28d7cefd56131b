"""The child process as seen from outside: started in a fresh folder, heard, and ended with all that it started."""

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil

from lab.students.child import wire

MOST_PRINTED, KEPT = 2**20, 2000  # bytes that may be printed, letters of them that are kept
ALONE = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Ended(Exception):
    """The child will say no more; the message says why, in words that a student can act on."""


class Child:
    """A running child; `message` gives what it says next."""

    def __init__(self, folder, first):
        ours, theirs = os.pipe()
        work = str(folder / "work")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", str(folder / "program"), str(folder), str(theirs), str(first)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs],
            cwd=work,
            env={"PATH": "/usr/bin:/bin", "HOME": work, "TMPDIR": work, "LANG": "C.UTF-8", **dict.fromkeys(ALONE, "1")},
            start_new_session=True,
        )
        os.close(theirs)
        self._computed = 0.0
        self._said, self._output, self._answers = bytearray(), bytearray(), ours
        self._selector = selectors.DefaultSelector()
        self._selector.register(ours, selectors.EVENT_READ, self._said)
        self._selector.register(self._process.stdout.fileno(), selectors.EVENT_READ, self._output)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Nothing that it started outlives it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._selector.close()
        self._process.stdout.close()
        os.close(self._answers)

    def message(self, computing, waiting):
        """The next message; raises Ended where none comes within so many seconds of computing, or of waiting by the
        clock, and wire.BadMessage where it is none."""
        used, until = self.computed() + computing, time.monotonic() + waiting
        while (message := self._complete()) is None:
            if self.computed() > used:
                raise Ended(f"took more than {computing:.0f} s of computing")
            if time.monotonic() > until:
                raise Ended(f"kept the grader waiting for more than {waiting:.0f} s")
            self._read(0.5)
            if len(self._output) > MOST_PRINTED:
                raise Ended(f"printed more than {MOST_PRINTED:,} bytes")
        return wire.decode(*message)

    def _complete(self):
        """(JSON, tensors) once both have come."""
        if len(self._said) < wire.HEAD.size:
            return None
        text, raw = wire.lengths(bytes(self._said[: wire.HEAD.size]))
        end = wire.HEAD.size + text + raw
        if len(self._said) < end:
            return None
        message = bytes(self._said[wire.HEAD.size : wire.HEAD.size + text]), bytes(self._said[end - raw : end])
        del self._said[:end]
        return message

    def _read(self, seconds):
        for key, _ in self._selector.select(max(0, seconds)):
            part = os.read(key.fd, 2**16)
            key.data.extend(part)
            if not part:
                self._selector.unregister(key.fd)
                if key.data is self._said:
                    raise Ended(self._death())

    def _death(self):
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "closed the pipe on which it answers"
        if status == -signal.SIGXCPU:
            return "used up its seconds of computing time"
        return f"ended the process ({signal.Signals(-status).name if status < 0 else f'exit status {status}'})"

    def computed(self):
        """Seconds of computing so far."""
        with suppress(psutil.Error):
            times = psutil.Process(self._process.pid).cpu_times()
            self._computed = times.user + times.system
        return self._computed

    def printed(self):
        """The first letters that it printed."""
        return self._output.decode("utf-8", "replace")[:KEPT]

    def last_line(self):
        """The last line that it printed, such as an error's."""
        with suppress(OSError):
            self._read(1)
        return (self.printed().strip().splitlines() or ["no output"])[-1]
