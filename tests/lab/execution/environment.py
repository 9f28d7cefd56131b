"""What the bits of a trial depend on besides its recipe, and how a trial gets to a worker that must have the same."""

import ast
import faulthandler
import hashlib
import importlib.util
import pickle
import platform
import socket
import sys
import threading
from functools import cache
from pathlib import Path

import torch

from lab.device import describe
from lab.errors import LabError
from lab.execution.processes import become_worker

TESTS = Path(__file__).resolve().parents[2]
THREADS = 1  # of a trial
ONE_AT_A_TIME = threading.Lock()  # torch's random numbers and threads, and the watchdog, belong to the whole process


class EngineError(LabError):
    """An engine can't be had, was lost, or would give other trials than this machine."""


def environment(modules, data, device):
    """Plain data, the same wherever equal recipes give equal bits.

    modules: names of those that the trial and its recipe come from; data: name and sha256 of its data set, or None.
    """
    return {
        "data": data,
        "code": code_digest(tuple(sorted(modules))),
        "torch": torch.__version__,
        "threads": THREADS,
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "device": _name(device),
    }


@cache
def _name(device):
    return device if device == "cpu" else describe(torch.device(device))["device"]


@cache
def code_digest(modules):
    """Digest of the sources of these modules and of all modules of lab that they reach by imports."""
    return hashlib.sha256(repr(sorted(sources(modules).items())).encode()).hexdigest()[:16]


def sources(modules):
    """{module: its source} of these modules and of all modules of lab that they reach by imports."""
    found, names = {}, list(modules)
    while names:
        name = names.pop()
        if name not in found:
            found[name] = _source_file(name).read_bytes()
            names += [name for name in _imported(found[name]) if name.partition(".")[0] == "lab" and _source_file(name)]
    return found


def _imported(source):
    """Names that may be modules, of all imports in this source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _source_file(module):
    """Its .py file, or None for a name that isn't a module."""
    if module in sys.modules:
        return Path(sys.modules[module].__file__)
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # a name inside a module that is no package
        return None
    return Path(spec.origin) if spec else None


def portable(function, task, seeds, limit):
    """A call without arguments; as an inner function it can be unpickled where lab isn't on the path."""
    path, payload = str(TESTS), pickle.dumps((remotely, task.environment, function, task, seeds, limit))

    def call():
        if path not in sys.path:
            sys.path.insert(0, path)
        try:
            run, *arguments = pickle.loads(payload)
        except (ImportError, AttributeError) as error:
            raise ImportError(
                f"a worker on {socket.gethostname()} can't load its trial ({error}): start the workers "
                f"anew, with this checkout at {path} and the packages of requirements.txt"
            ) from error
        return run(*arguments)

    return call


def remotely(expected, function, task, seeds, limit):
    """In the worker: `function(task, seeds)` if its environment is as expected, EngineError otherwise.

    The watchdog is a thread of C, which ends the process even if a trial holds the interpreter.
    """
    with ONE_AT_A_TIME:
        become_worker()
        try:
            found = task.environment
        except LabError:
            found = {**expected, "data": "broken or absent"}
        other = [f"{name} {found[name]} for {expected[name]}" for name in expected if found[name] != expected[name]]
        if other:
            raise EngineError(
                f"a worker on {socket.gethostname()} has {', '.join(other)} and would give other trials: "
                "start the workers anew, where they see this checkout and the data folder"
            )
        faulthandler.dump_traceback_later(limit, exit=True, file=sys.__stderr__)
        try:
            return function(task, seeds)
        finally:
            faulthandler.cancel_dump_traceback_later()
