"""Submissions to try: the solution with something added, or something else altogether."""

import shutil
import sys
from types import ModuleType
from unittest.mock import patch

from lab.claims.course import read
from lab.students import grading
from lab.students.child.run import answer
from lab.students.process import Heard
from selfcheck.small_lecture import ROOT

TASKS = {task.adapter: task for task in read(ROOT / "tests/course.toml").tasks}
SOLUTION = ROOT / "tests/students/solution"


def solved(folder, *more):
    """The solution in `folder`/mywork, with these texts at the end of its adapters.py; returns the folder."""
    work = shutil.copytree(SOLUTION, folder / "mywork", ignore=shutil.ignore_patterns("__pycache__"))
    with (work / "adapters.py").open("a", encoding="utf-8") as file:
        file.write("\n\n".join(["", *more]))
    return work


def written(folder, text, name="adapters.py"):
    """`folder`/mywork with one file; returns the folder."""
    work = folder / "mywork"
    work.mkdir(exist_ok=True)
    (work / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return work


def graded_here(source, tasks, path=ROOT / "tests/students/adapters.py"):
    """{adapter: Grade} of the text of an adapters.py that is ours: it runs in this process, which is quicker.

    It may import what stands beside the solution, as a wrong answer does.
    """
    module, heard = ModuleType("adapters"), Heard()
    with patch.object(sys, "path", [str(SOLUTION), *sys.path]):
        exec(compile(source, path, "exec"), module.__dict__)
    for task in tasks:
        heard.answers[task.id] = [answer(module, call, path.parent) for call in grading.request(task)["calls"]]
    return {task.adapter: grading.judged(task, heard) for task in tasks}
