"""Do imports between the packages of tests/lab run downwards only, as .importlinter has them, and is a wrong one told?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


def lint(root):
    """What import-linter says of the tree below `root`: (exit status, what it prints)."""
    done = subprocess.run([LINTER, "--no-cache", "--no-logo"], cwd=root, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(root / "tests")})
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path):
    """A copy of the contract and of the instruments, to put wrong imports into."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    shutil.copytree(ROOT / "tests" / "lab", tmp_path / "tests" / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_imports_run_downwards():
    status, told = lint(ROOT)

    assert status == 0, told


@pytest.mark.parametrize("importer, imported", [
    pytest.param("models/vgg", "lab.training.sgd", id="two floors up"),
    pytest.param("counting/receptive", "lab.claims.marks", id="one floor up"),
    pytest.param("data/readers", "lab.statistics.e_values", id="a neighbour of the same floor"),
    pytest.param("errors", "lab.device", id="from the lowest floor"),
])
def test_a_wrong_import_is_told_with_both_its_names(tree, importer, imported):
    with (tree / "tests" / "lab" / f"{importer}.py").open("a") as file:
        file.write(f"\n\ndef later():\n    import {imported}\n    return {imported}\n")
    status, told = lint(tree)

    assert status != 0 and f"lab.{importer.replace('/', '.')} -> {imported} (l." in told


def test_a_package_without_a_floor_is_told(tree):
    (tree / "tests" / "lab" / "elsewhere").mkdir()
    (tree / "tests" / "lab" / "elsewhere" / "__init__.py").touch()
    status, told = lint(tree)

    assert status != 0 and "elsewhere" in told
