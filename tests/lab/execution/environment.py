"""A trial in a process that didn't start here: how it gets there, and whether it would be the same trial."""
import hashlib
import pickle
import platform
import socket
import sys
import threading
from functools import cache
from pathlib import Path

import torch

from lab.errors import LabError
from lab.execution.processes import become_worker

TESTS = Path(__file__).resolve().parents[2]
ONE_AT_A_TIME = threading.Lock()    # torch's random numbers and threads, and the watchdog, belong to the whole process


class EngineError(LabError):
    """An engine can't be had, was lost, or would give other trials than this machine."""


def portable(function, task, seeds, limit):
    """A call without arguments; as an inner function it can be unpickled where lab isn't on the path."""
    path, payload = str(TESTS), pickle.dumps((there, surroundings(task), function, task, seeds, limit))

    def call():
        if path not in sys.path:
            sys.path.insert(0, path)
        try:
            run, *arguments = pickle.loads(payload)
        except (ImportError, AttributeError) as error:
            raise ImportError(f"a worker on {socket.gethostname()} can't load its trial ({error}): start the workers "
                              f"anew, with this checkout at {path} and the packages of requirements.txt") from error
        return run(*arguments)
    return call


def there(expected, function, task, seeds, limit):
    """In the worker: `function(task, seeds, limit)`, if its trials are the same there; EngineError otherwise."""
    with ONE_AT_A_TIME:
        become_worker()
        found = surroundings(task)
        other = [f"{name} {found[name]} for {expected[name]}" for name in expected if found[name] != expected[name]]
        if other:
            raise EngineError(f"a worker on {socket.gethostname()} has {', '.join(other)} and would give other trials: "
                              "start the workers anew, where they see this checkout and the data folder")
        return function(task, seeds, limit)


def surroundings(task):
    """What the bits of a trial depend on besides its recipe."""
    try:
        data = task.images and f"{task.images.name} {task.images.sha256[:12]}"
    except LabError:
        data = "broken or absent"
    return {"data": data, "code": _code(), "torch": torch.__version__,
            "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"}


@cache
def _code():
    """Of lab, as this process has met it: a worker older than the code is found out."""
    sources = sorted(TESTS.glob("lab/**/*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:12]
