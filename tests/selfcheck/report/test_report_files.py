"""Writing the report: whatever step fails, a reader finds a whole page and nothing left over."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from lab.report import files, page


@pytest.fixture
def kept(tmp_path):
    """A folder with an older report."""
    (tmp_path / "index.html").write_text("old page")
    (tmp_path / "evidence.json").write_text("old evidence")
    return tmp_path


def failing(function, call):
    """`function`, out of room at its call number `call`."""
    calls = iter(range(1, 1000))

    def fails(*arguments, **options):
        if next(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*arguments, **options)
    return fails


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(("module", "name"), [(os, "fsync"), (os, "chmod"), (tempfile, "mkstemp"), (files, "open")],
                         ids=["sync", "mode", "creation", "open"])
def test_a_failing_step_leaves_the_old_report(kept, monkeypatch, module, name, call):
    monkeypatch.setattr(module, name, failing(getattr(module, name, open), call), raising=False)

    with pytest.raises(page.ReportError, match="No space left on device.*make room"):
        files.replace_files(kept, {"evidence.json": "new", "index.html": "new"})
    assert {path.name: path.read_text() for path in kept.iterdir()} == {
        "index.html": "old page", "evidence.json": "old evidence"}


@pytest.mark.parametrize("call", [1, 2])
def test_a_failing_replacement_leaves_whole_files_and_no_others(kept, monkeypatch, call):
    monkeypatch.setattr(os, "replace", failing(os.replace, call))

    with pytest.raises(page.ReportError, match="make room"):
        files.replace_files(kept, {"evidence.json": "new evidence", "index.html": "new page"})
    assert (kept / "index.html").read_text() == "old page"
    assert sorted(path.name for path in kept.iterdir()) == ["evidence.json", "index.html"]


def test_two_runs_at_once_leave_the_files_of_one(kept, monkeypatch):
    replace, waited = os.replace, []
    other = threading.Thread(target=lambda: files.replace_files(kept, dict.fromkeys("abc", "second")))

    def paused(*places):
        replace(*places)
        if not waited:
            waited.append(other.start())
            other.join(timeout=0.3)  # long enough to get in between, if nothing kept it out
    monkeypatch.setattr(os, "replace", paused)
    files.replace_files(kept, dict.fromkeys("abc", "first"))
    other.join()

    assert [(kept / name).read_text() for name in "abc"] == ["second"] * 3


KILLED = """
import os, signal, sys
from pathlib import Path
from lab.report import files
os.replace = lambda *places: os.kill(os.getpid(), signal.SIGKILL)
files.replace_files(Path(sys.argv[1]), {"evidence.json": "new", "index.html": "new"})
"""


def test_a_run_killed_while_writing_leaves_the_old_report_and_its_litter_goes_with_the_next(kept):
    tests = Path(files.__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, kept], cwd=tests, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert (kept / "index.html").read_text() == "old page"
    assert len(list(kept.glob(".*.*"))) == 2

    files.replace_files(kept, {"evidence.json": "newer", "index.html": "newer"})
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"index.html": "newer", "evidence.json": "newer"}


def test_a_folder_that_is_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "reports").write_text("in the way")

    with pytest.raises(page.ReportError, match="reports.*choose another folder"):
        page.check_writable(tmp_path / "reports")


def test_checking_a_folder_leaves_nothing_in_it(tmp_path):
    page.check_writable(tmp_path / "new" / "reports")

    assert list((tmp_path / "new" / "reports").iterdir()) == []
