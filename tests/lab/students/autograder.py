"""Gradescope's autograder: a zip with setup.sh, run_autograder and what they need, without any answers."""

import zipfile

SETUP = """#!/usr/bin/env bash
# Run once, when Gradescope builds the image.
set -euo pipefail
apt-get update -qq && apt-get install -y -qq python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install -q --extra-index-url https://download.pytorch.org/whl/cpu \\
    -r /autograder/source/requirements.txt
"""
RUN = """#!/usr/bin/env bash
# Run for each submission. Where no results.json comes of it, Gradescope says that the autograder failed.
cd /autograder/source
/autograder/venv/bin/python -m pytest -q --submission=/autograder/submission --report-dir=/autograder/results{options}
true
"""
NEEDED = ("conftest.py", "pytest.ini", "requirements.txt", "tests/course.toml", "tests/students/adapters.py")


def build(root, path, language="en"):
    """Write the zip to `path`; root: the checkout. Returns the names of the files in it."""
    sources = [root / name for name in NEEDED]
    sources += [
        one for one in sorted((root / "tests/lab").rglob("*")) if one.is_file() and "__pycache__" not in one.parts
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", SETUP), ("run_autograder", RUN.format(options=f" --language={language}"))):
            script = zipfile.ZipInfo(name)
            script.external_attr = 0o755 << 16
            archive.writestr(script, text)
        for one in sources:
            archive.write(one, one.relative_to(root).as_posix())
        return archive.namelist()
