"""Writing reports: a reader finds the old page or the new one, never half of either."""

import os
import tempfile
from pathlib import Path

from lab.errors import LabError


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


def replace_files(texts):
    """Write {path: text}, each to a temporary neighbour, synced, then moved over the old file.

    All are written before the first is moved, so that a full disk leaves every old file as it was.
    Raises ReportError; no temporary file outlives the call.
    """
    waiting = []
    try:
        for path, text in texts.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            waiting.append((temporary, path))
            with open(handle, "wb") as file:
                file.write(text.encode("utf-8", "backslashreplace"))  # lone surrogates of undecodable file names
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)  # mkstemp's 0600 would hide the page from a web server
        while waiting:
            os.replace(*waiting[0])
            waiting.pop(0)
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)


def _unwritable(folder, error):
    reason = error.strerror or error
    return ReportError(f"The report can't be written to {folder} ({reason}): make room, or choose another folder.")
