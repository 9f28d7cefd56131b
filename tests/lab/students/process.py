"""The child process that runs a student's code, as seen from outside: asked once for each task, heard, and ended."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lab.students.child import wire

START = 120.0  # seconds by the clock until torch is imported
TASK, SUBMISSION = (
    10.0,
    60.0,
)  # seconds of computing, for a task or their import, and in all: others may be at work here
WAITING = 60.0  # seconds by the clock, for a task that computes nothing
MOST_PRINTED, KEPT = 2**20, 2000  # bytes that may be printed, letters of them that are kept
PROGRAM = "import sys\nfrom child.run import main\nmain(*sys.argv[1:])\n"
ALONE = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Ended(Exception):
    """The child will say no more; the message says why, in words that a student can act on."""


@dataclass
class Heard:
    """What came of a submission: answers by task, or why there are none."""

    answers: dict = field(default_factory=dict)  # {task: one answer for each call}
    lost: dict = field(default_factory=dict)  # {task: why it has none}
    unread: dict | None = None  # the error of their import, as child.run.told has it
    broken: str = ""  # why the harness failed: no fault of theirs
    computed: float = 0.0  # seconds
    protections: dict = field(default_factory=dict)
    printed: str = ""
    absent: list = field(default_factory=list)  # packages that they import, and that are not installed


def hear(submission, requests):
    """Ask a child for every task, and another from the next task on where it ended early.

    submission: folder with adapters.py; requests: [{"task", "calls"}].
    """
    heard = Heard()
    with _fresh(submission, requests) as folder:
        while heard.unread is None and not heard.broken and (rest := _unanswered(requests, heard)):
            if heard.computed > SUBMISSION:
                heard.lost |= dict.fromkeys(rest, f"took more than {SUBMISSION:.0f} s before this task was reached")
            else:
                _listen(folder, requests, len(requests) - len(rest), heard)
    return heard


def _unanswered(requests, heard):
    return [one["task"] for one in requests if one["task"] not in heard.answers and one["task"] not in heard.lost]


def _listen(folder, requests, first, heard):
    """Hear one child out; where it ends early, the task that it was at is lost."""
    with Child(folder, first) as child:
        try:
            heard.protections = child.message(START, START)["ready"]["protections"]
        except (Ended, wire.BadMessage, TypeError, KeyError) as error:
            heard.broken = f"the process could not be started ({error or type(error).__name__}): {child.last_line()}"
            return
        asked = "importing adapters.py"
        try:
            told = child.message(TASK, WAITING)
            heard.unread, heard.absent = _texts(told["imported"]), [str(name)[:50] for name in told["absent"]][:10]
            for request in requests[first:] if heard.unread is None else ():
                asked = request["task"]
                answer = child.message(TASK, WAITING)
                heard.answers[asked] = [_checked(one) for one in answer["answers"]]
                if answer["task"] != asked or len(heard.answers[asked]) != len(request["calls"]):
                    del heard.answers[asked]
                    raise wire.BadMessage("answers to something else")
        except Ended as error:
            _lose(heard, requests, asked, str(error))
        except (wire.BadMessage, TypeError, KeyError):
            _lose(heard, requests, asked, "sent something that is no answer")
        heard.computed += child.computed()
        heard.printed = (heard.printed + child.printed())[:KEPT]


def _checked(answer):
    """An answer as a table, its error as texts."""
    if "error" in answer:
        return {"error": _texts(answer["error"])}
    return dict(answer)


def _texts(error):
    return error and {name: str(error[name]) for name in ("kind", "message", "where", "python")}


def _lose(heard, requests, asked, why):
    known = {request["task"] for request in requests}
    lost = [asked] if asked in known else _unanswered(requests, heard)
    heard.lost |= dict.fromkeys(lost, why if asked in known else f"{asked} {why}")


@contextmanager
def _fresh(submission, requests):
    """A fresh folder: the child's program, what it is asked, and a copy of the submission in `work`."""
    folder = Path(tempfile.mkdtemp(prefix="submission-"))
    try:
        shutil.copytree(Path(wire.__file__).parent, folder / "program" / "child", ignore=lambda *_: ["__pycache__"])
        (folder / "program" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        (folder / "requests").write_bytes(b"".join(map(wire.encode, requests)))
        shutil.copytree(submission, folder / "work")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
