"""Answers the requests that lie in a file, one message for each task, on a pipe of its own."""

import importlib
import os
import sys
import traceback
from pathlib import Path

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from . import observed, placeholders, sandbox, weights, wire

LONGEST = 300  # letters of an error's message


class Operations(TorchDispatchMode):
    """Notes the names of the operations that run inside."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.names.add(str(operation))
        return operation(*args, **(kwargs or {}))


def main(folder, channel, first):
    """Answer the tasks from the `first` on; `folder` holds the requests, and the student's files in `work`."""
    torch.set_num_threads(1)
    folder, channel = Path(folder), open(int(channel), "wb", buffering=0)  # noqa: SIM115 (open until the end)
    work = folder / "work"
    with (folder / "requests").open("rb") as file:
        tasks = list(iter(lambda: wire.read(file), None))
    os.chdir(work)
    protections = sandbox.enter(work)
    send(channel, {"ready": {"python": sys.version.split()[0], "protections": protections}})
    sys.path.insert(0, str(work))
    absent = placeholders.allow(work)
    adapters, error = imported(work)
    send(channel, {"imported": error, "absent": absent})
    for task in tasks[int(first) :] if adapters else ():
        send(channel, {"task": task["task"], "answers": [answer(adapters, call, work) for call in task["calls"]]})


def send(channel, value):
    data = memoryview(wire.encode(value))
    while data:
        data = data[channel.write(data) :]


def imported(work):
    """(the student's module, None), or (None, what went wrong)."""
    try:
        return importlib.import_module("adapters"), None
    except BaseException as error:
        return None, told(error, work)


def answer(adapters, call, work):
    """{"value", "operations"}, or what is observed of a module, or {"missing"}, or {"error"}."""
    function = getattr(adapters, call["adapter"], None)
    if function is None:
        return {"missing": True}
    try:
        torch.manual_seed(0)
        arguments = [weights.small_net() if one == {"net": True} else one for one in call["arguments"]]
        with Operations() as seen:
            value = function(*arguments, **call["options"])
        if call["images"] is None:
            return {"value": plain(value), "operations": sorted(seen.names)}
        if not isinstance(value, torch.nn.Module):
            raise TypeError(f"{call['adapter']} returns {type(value).__name__}, not an nn.Module")
        return observed.observed(value, call["images"])
    except BaseException as error:
        stub = isinstance(error, NotImplementedError) and raised_in(error, work)
        return {"missing": True} if stub else {"error": told(error, work)}


def plain(value):
    """The value in types that can be sent; raises TypeError for others, ValueError for what is too large."""
    if isinstance(value, torch.Tensor):
        return observed.small(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):  # of NumPy
        return plain(value.tolist())
    raise TypeError(f"it returns {type(value).__name__}: return a number, a tensor, or a list of them")


def raised_in(error, work):
    """Was the error raised in a file of the student's?"""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.startswith(str(work))


def told(error, work):
    """{"kind", "message", "where"}: the error, and the student's own line where it has one."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(str(work))]
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{Path(error.filename).name}, line {error.lineno}"
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    python = ".".join(map(str, sys.version_info[:2]))
    message = message.partition("\n")[0][:LONGEST]
    return {"kind": type(error).__name__, "message": message, "where": where, "python": python}
