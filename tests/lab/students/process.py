"""What becomes of a submission: a child process is asked once for each task, and another where it ended early."""

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.students.child import wire
from lab.students.running import KEPT, Child, Ended

START = 120.0  # seconds by the clock until torch is imported
TASK = 10.0  # seconds of computing, for a task or for the import of their file: others may be at work on this machine
SUBMISSION = 60.0  # seconds of computing for all of a submission
WAITING = 60.0  # seconds by the clock, for a task that computes nothing
PROGRAM = "import sys\nfrom child.run import main\nmain(*sys.argv[1:])\n"


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
