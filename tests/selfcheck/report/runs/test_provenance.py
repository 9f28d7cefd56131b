"""The commit that a report names is that of the code that ran."""

import subprocess

import pytest

from lab.report.runs.provenance import commit


def git(folder, *arguments):
    """What git prints of a repository, made by somebody."""
    somebody = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    done = subprocess.run(["git", "-C", folder, *somebody, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def outer(tmp_path):
    """A repository of one commit, with a copy of its files in a folder `unpacked` and a worktree in `tree`."""
    git(tmp_path, "init")
    for folder in tmp_path, tmp_path / "unpacked":
        folder.mkdir(exist_ok=True)
        (folder / "code.py").write_text("answer = 42\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "All of it")
    git(tmp_path, "worktree", "add", "tree")
    return tmp_path


@pytest.mark.parametrize("folder", [".", "tree"], ids=["a checkout", "a worktree of its own"])
def test_the_commit_is_that_of_the_checkout(outer, folder):
    assert commit(outer / folder) == git(outer, "rev-parse", "--short=12", "HEAD")

    (outer / folder / "code.py").write_text("answer = 43\n")
    assert commit(outer / folder) == git(outer, "rev-parse", "--short=12", "HEAD") + "+"


@pytest.mark.parametrize("named", [False, True], ids=["around it", "that a hook names"])
def test_the_commit_of_a_repository_around_the_files_says_nothing(outer, monkeypatch, named):
    if named:
        monkeypatch.setenv("GIT_DIR", str(outer / ".git"))

    assert commit(outer / "unpacked") == ""
