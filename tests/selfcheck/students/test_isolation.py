"""What a submission can't do: each attack is worth nothing, and harms neither the grader nor the other tasks."""

import ctypes
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import torch

from lab.students import process
from lab.students.child import wire
from lab.students.child.seccomp import ARCHITECTURES
from lab.students.grading import graded
from lab.students.process import hear
from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import TASKS, solved, written

OUTSIDE = Path(tempfile.gettempdir()) / f"written-by-a-submission-{os.getpid()}"
ATTACKS = f'''
import os, socket, subprocess, threading
from pathlib import Path

def fork(): return os.fork()
def run_a_program(): return subprocess.run(["ls"]).returncode
def read_the_solution(): return len(Path({str(ROOT / "tests/students/solution/adapters.py")!r}).read_text())
def import_our_models():
    import importlib, sys
    sys.path.insert(0, {str(ROOT / "tests")!r})
    return importlib.import_module("lab.models.resnet").__name__
def read_secrets(): return len(Path("/etc/passwd").read_text())
def write_elsewhere(): return Path({str(OUTSIDE)!r}).write_text("x")
def call_home(): return socket.create_connection(("127.0.0.1", 9), 1)
def take_memory(): return len(bytearray(10 * 2**30))
def fill_the_disk(): return Path("large").write_bytes(bytes(2**27))
def kill_the_grader(): return os.kill(os.getppid(), 9)
def limit_the_grader():
    import resource
    return resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))
def act_as_root(): return os.setuid(12345)
def start_threads():
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
def honest(): return 7
'''
NAMES = ["fork", "run_a_program", "read_the_solution", "import_our_models", "read_secrets", "write_elsewhere",
         "call_home", "take_memory", "fill_the_disk", "kill_the_grader", "limit_the_grader", "act_as_root",
         "start_threads"]
ENDING = f'''
import os, time

def end(): os._exit(0)
def loop():
    while True:
        pass
def print_for_ever():
    while True:
        print("PASSED " * 1000)
def send_rubbish():
    for handle in range(3, 50):
        try:
            os.write(handle, bytes.fromhex("80049524") * 50)
        except OSError:
            pass
def send_too_much():
    for handle in range(3, 50):
        try:
            os.write(handle, {wire.HEAD.pack(2**31, 2**31)!r})
        except OSError:
            pass
def honest(): return 7
def honest_too(): return 8
'''


def ask(folder, *names):
    """What the child answers to calls without arguments, one a task."""
    call = {"arguments": [], "options": {}, "images": None}
    return hear(folder, [{"task": name, "calls": [{"adapter": name, **call}]} for name in names])


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """All attacks on the system in one child, on a system that can take everything away."""
    landlock = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
    if platform.system() != "Linux" or platform.machine() not in ARCHITECTURES or landlock < 1:
        pytest.skip("NOT RUN: needs Linux from 5.13 on, on x86_64 or aarch64")
    heard = ask(written(tmp_path_factory.mktemp("attacks"), ATTACKS), *NAMES, "honest")
    assert heard.protections == {"files": True, "processes": True, "network": True}
    return heard


@pytest.mark.parametrize("name", NAMES)
def test_the_system_refuses(name, heard):
    [answer] = heard.answers[name]

    assert answer["error"]["kind"] in {
        "PermissionError", "MemoryError", "OSError", "ModuleNotFoundError", "RuntimeError"}
    assert heard.answers["honest"] == [{"value": 7, "operations": []}] and not heard.lost
    assert not OUTSIDE.exists()


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """One task after the other ends its child, with honest ones before and after."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(process, "TASK", 1.0)
        names = ["honest", "end", "loop", "print_for_ever", "send_rubbish", "send_too_much", "honest_too"]
        return ask(written(tmp_path_factory.mktemp("ending"), ENDING), *names)


@pytest.mark.parametrize("name, why", [
    pytest.param("end", "ended the process (exit status 0)", id="os._exit(0)"),
    pytest.param("loop", "took more than 1 s of computing", id="endless loop"),
    pytest.param("print_for_ever", "printed more than", id="endless output"),
    pytest.param("send_rubbish", "", id="a pickle on the pipe"),
    pytest.param("send_too_much", "sent something that is no answer", id="4 GB announced on the pipe"),
])
def test_what_ends_the_child_costs_its_own_task(name, why, ended):
    assert why in ended.lost[name] and name not in ended.answers
    assert [ended.answers[other][0]["value"] for other in ("honest", "honest_too")] == [7, 8]


FORGED = """
import os, sys, torch

torch.allclose = torch.equal = lambda *args, **options: True
torch.Tensor.__eq__ = lambda self, other: True
torch.nn.Module.parameters = lambda self, recurse=True: iter(())
sys.modules["pytest"] = sys.modules["lab"] = sys

class Always(int):
    def __eq__(self, other):
        return True

class Pickled:
    def __reduce__(self):
        return exec, ("import os",)

def batches_in_epoch(samples, batch_size, drop_last=False): return Always(-1)
def residual_block(channels): return torch.nn.Identity()
def conv_output_size(*args, **options): print("PASSED conv_output_size 2 / 2")
def lenet(): return Pickled()
def eca(channels): os._exit(0)
"""


def test_forged_answers_are_worth_nothing(tmp_path):
    work = written(tmp_path, FORGED)
    written(tmp_path, "def pytest_runtest_makereport(item, call):\n    raise SystemExit(0)\n", "conftest.py")
    names = ["batches_in_epoch", "residual_block", "conv_output_size", "lenet", "eca"]
    found = {grade.task.adapter: grade for grade in graded(work, [TASKS[name] for name in names]).grades}

    assert {name: grade.word for name, grade in found.items()} == dict.fromkeys(names, "wrong")


def test_a_child_that_cannot_start_is_broken_and_no_zero(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "PROGRAM", "raise SystemExit('no torch here')")
    [grade] = graded(solved(tmp_path), [TASKS["eca"]]).grades

    assert (grade.word, grade.score) == ("BROKEN", None)
    assert grade.remark.startswith("The grader failed, which is not your fault:") and "no torch here" in grade.remark


def test_a_judge_that_fails_is_broken_and_no_zero(tmp_path, monkeypatch):
    exercise = "lab.students.judging.difference"
    monkeypatch.setattr(exercise, lambda one, other: 1 / 0)
    found = graded(solved(tmp_path), [TASKS["batches_in_epoch"]])

    assert [(grade.word, grade.score) for grade in found.grades] == [("BROKEN", None)] and found.most == 0


@pytest.mark.parametrize("value", [
    pytest.param(None, id="nothing"),
    pytest.param(True, id="true"),
    pytest.param(7, id="a whole number"),
    pytest.param(-1.5, id="a fraction"),
    pytest.param("中文", id="text"),
    pytest.param([1, [2, "x"]], id="lists"),
    pytest.param({"a": [torch.arange(6).reshape(2, 3)], "b": torch.tensor(0.5)}, id="tensors in a table"),
    pytest.param(torch.empty(0, 3), id="an empty tensor"),
    pytest.param(torch.tensor([True, False]), id="a tensor of truth values"),
    pytest.param(torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3), id="a tensor of float64"),
])
def test_a_message_comes_back_as_it_was(value):
    data = wire.encode(value)
    text, raw = wire.lengths(data[:8])
    back = wire.decode(data[8 : 8 + text], data[8 + text : 8 + text + raw])

    assert repr(back) == repr(value)


@pytest.mark.parametrize("text", [
    pytest.param(b"", id="nothing"),
    pytest.param(b"{", id="half a table"),
    pytest.param(b'{"tensor": ["torch.float32", [10]]}', id="a tensor without its bytes"),
    pytest.param(b'{"tensor": ["torch.float32", [-1]]}', id="a negative size"),
    pytest.param(b'{"tensor": ["os.system", [0]]}', id="a function for a type"),
    pytest.param(b'{"tensor": 1}', id="a number for a tensor"),
    pytest.param(b'{"other": 1}', id="another table"),
    pytest.param(b"[" * 100_000, id="lists in lists"),
    pytest.param(b"\xff\xfe", id="no text"),
])
def test_other_bytes_are_no_message(text):
    with pytest.raises(wire.BadMessage):
        wire.decode(text, b"")


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ask(written(tmp_path, "def honest():\n    return 1\n"), "honest")

    assert os.listdir(tmp_path) == ["mywork"]


def test_a_grader_that_is_killed_leaves_no_child_behind(tmp_path):
    work = written(tmp_path, "def loop():\n    while True:\n        pass\n")
    code = (f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\n"
            f"from selfcheck.students.test_isolation import ask\nask({str(work)!r}, 'loop')")
    grader = subprocess.Popen([sys.executable, "-c", code])
    while not (children := psutil.Process(grader.pid).children()) or children[0].cpu_times().user < 3:
        time.sleep(0.1)
    grader.kill()
    grader.wait()

    assert psutil.wait_procs(children, timeout=10)[1] == []
