"""What was handed in: a folder, a zip or a single file, in whatever state; each trouble is one sentence."""

import re
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from lab.errors import LabError

NAME, LARGEST, MOST_FILES = "adapters.py", 20 * 2**20, 500  # bytes and files of a submission
LEFT_OUT = ("__MACOSX", "__pycache__", ".git", ".venv", "venv", ".ipynb_checkpoints")


class BadSubmission(LabError):
    """There is nothing that could be graded; the message is one sentence with the remedy."""


@contextmanager
def opened(path, adapters):
    """(a folder of the submission's files with adapters.py among them, [sentences about what was put right]).

    adapters: names of functions by which a file under another name is known. Raises BadSubmission.
    """
    path, folder = Path(path), Path(tempfile.mkdtemp(prefix="handed-in-"))
    try:
        files = folder / "files"
        files.mkdir()
        _gather(path, files)
        yield _at_the_top(path, files, adapters)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _gather(path, folder):
    if path.is_dir():
        found = [one for one in sorted(path.rglob("*")) if one.is_file() and not one.is_symlink()]
        _copy(path, [(one.relative_to(path).as_posix(), one.stat().st_size, one.read_bytes) for one in found], folder)
    elif path.suffix == ".py" and path.is_file():
        shutil.copy(path, folder / path.name)
    elif path.is_file() and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                files = [one for one in archive.infolist() if not one.is_dir()]
                _copy(path, [(_decoded(one), one.file_size, partial(archive.read, one)) for one in files], folder)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
            raise BadSubmission(f"{path.name} can't be unpacked ({error}): pack it anew, with no password.") from error
    elif path.exists():
        raise BadSubmission(f"{path.name} is neither a folder nor a zip nor a Python file: hand in {NAME}.")
    else:
        raise BadSubmission(f"There is no {path}: give the folder in which your {NAME} lies.")


def _copy(path, files, folder):
    """files: [(name, bytes, read)]; what lies outside the folder, and what is no part of an answer, stays away."""
    wanted = []
    for name, size, read in files:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not {"..", "/", *LEFT_OUT} & set(parts) and not PurePosixPath(name).is_absolute():
            wanted.append((parts, size, read))
    if sum(size for _, size, _ in wanted) > LARGEST or len(wanted) > MOST_FILES:
        raise BadSubmission(
            f"{path.name} holds more than {LARGEST // 2**20} MB or {MOST_FILES} files: hand in your Python files alone."
        )
    for parts, _, read in wanted:
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read())


def _decoded(part):
    """A zip's file name; Windows packs Chinese ones as GBK, which zipfile takes for cp437."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return part.filename


def _at_the_top(path, folder, adapters):
    """(the folder in which adapters.py lies, [sentences]); a lone file that must be meant takes its name."""
    found = sorted(folder.rglob(NAME), key=lambda one: len(one.parts))
    if found:
        return found[0].parent, []
    others = sorted(folder.rglob("*.py"), key=lambda one: len(one.parts))
    pattern = re.compile(rb"^def (%s)\(" % "|".join(adapters).encode(), re.MULTILINE)
    meant = [one for one in others if pattern.search(one.read_bytes())]
    if len(meant) == 1:
        meant[0].rename(meant[0].with_name(NAME))
        return meant[0].parent, [f"{meant[0].name} was taken for {NAME}: rename it."]
    if list(folder.rglob("*.ipynb")):
        raise BadSubmission(f"{path.name} holds a notebook, which is not read: copy its functions into {NAME}.")
    if others:
        raise BadSubmission(f"{path.name} has no {NAME}, but {others[0].name}: rename the file with your functions.")
    raise BadSubmission(f"{path.name} is empty: copy tests/students/{NAME} into it, and fill in what you like.")


def sentence_of(error):
    """One sentence about what kept adapters.py from being imported; error: as child.run.told has it."""
    where, kind, message = error["where"] or NAME, error["kind"], error["message"]
    if kind in ("SyntaxError", "IndentationError", "TabError", "ValueError") and "null bytes" in message:
        return f"{where} holds null bytes: save it as UTF-8 text."
    if "utf-8" in message or "decode" in message or "Non-UTF-8" in message:
        return f"{where} isn't UTF-8 text: save it as UTF-8 in your editor."
    if kind in ("SyntaxError", "IndentationError", "TabError"):
        return f"{where} is no Python {error['python']} ({message}): correct it."
    return f"{where} fails when it is imported ({kind}: {message}): correct it."
