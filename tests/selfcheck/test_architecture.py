"""Do imports between the packages of tests/lab run downwards only, and take what is public? Is a wrong one told?"""

import ast
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


def private_imports(source):
    """What the text of a module takes from the lab by a name that begins with an underscore."""
    return [f"{node.module}.{name.name}" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)
            for name in node.names if f"{node.module}.".startswith("lab.") and name.name.startswith("_")]


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


def test_a_private_import_is_told():
    source = "from lab.training.sgd import Lanes, _dataset\nfrom torch.utils import _pytree\nfrom . import _mine"

    assert private_imports(source) == ["lab.training.sgd._dataset"]


def test_modules_take_from_one_another_what_is_public():
    files = sorted((ROOT / "tests").rglob("*.py"))
    private = {path.relative_to(ROOT).as_posix(): private_imports(path.read_text(encoding="utf-8")) for path in files}

    assert {path: names for path, names in private.items() if names} == {}
