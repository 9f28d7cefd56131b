"""Writing reports: a reader finds the old page or the new one, never half of either."""

import fcntl
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError

WRITTEN = ("index.html", "evidence.json", "claims.csv", "costs.csv", "previous.json", "history.json")


class ReportError(LabError):
    """The report can't be written or read; the message names the place and the remedy."""


def check_writable(folder):
    """Raises ReportError unless a file can be written in `folder` (made if absent): asked before any training."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as error:
        raise _unwritable(folder, error) from error
    for name in WRITTEN:
        if (folder / name).is_dir():
            raise ReportError(
                f"The report can't be written to {folder}, where {name} is a folder: move it away, or "
                "choose another folder."
            )


def replace_files(folder, texts):
    """Write {name: text} to `folder`, each to a temporary neighbour, synced, then moved over the old file.

    All are written before the first is moved, so that a full disk leaves every old file as it was. Runs that write at
    once take turns, so that the files come from one of them. Raises ReportError; no temporary file outlives the call.
    """
    waiting = []
    try:
        with _locked(folder, texts):
            for name, text in texts.items():
                handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
                waiting.append((temporary, folder / name))
                with open(handle, "wb") as file:
                    file.write(text.encode("utf-8", "backslashreplace"))  # lone surrogates of undecodable file names
                    file.flush()
                    os.fsync(file.fileno())
                os.chmod(temporary, 0o644)  # mkstemp's 0600 would hide the page from a web server
            while waiting:
                os.replace(*waiting[0])
                waiting.pop(0)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def _locked(folder, names):
    """Hold a lock on the folder, and delete temporary files in it, which a run that was killed must have left."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: each file is still whole, but they may be of two runs
            names = ()
        for name in names:
            for left in folder.glob(f".{name}.*"):
                left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def _unwritable(folder, error):
    reason = error.strerror or error
    return ReportError(f"The report can't be written to {folder} ({reason}): make room, or choose another folder.")
