"""Where a run's numbers come from: versions, commit, machine, data, seeds and the command that repeats it."""

import hashlib
import platform
import shlex
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import torch

from lab.claims.collection import written
from lab.claims.plugin import cost_asked
from lab.data.datasets import describe, handwritten_digits
from lab.device import cpu

LAB = Path(__file__).parents[2]
PACKAGES = [
    "torch",
    "torchvision",
    "timm",
    "torchinfo",
    "fvcore",
    "numpy",
    "scipy",
    "scikit-learn",
    "pytest",
    "hypothesis",
    "pytest-benchmark",
    "jinja2",
    "matplotlib",
]


def provenance(config, tests, read, started, duration, sums):
    """The run of evidence.json. read: {sha256: data set} that tests read without an experiment; `started` in seconds
    since the epoch, `duration` in seconds; sums: of code()."""
    data = {row["sha256"]: row for row in [describe(handwritten_digits(config.getoption("data_dir")))]} | read
    for experiment in (test["experiment"] for test in tests if test["experiment"]):
        if experiment["data"] and not experiment.get("recorded"):
            data.setdefault(experiment["data"]["sha256"], experiment["data"])
    pytest = _pytest(config.rootpath)
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
        "duration_s": round(duration, 2),
        "commit": commit(config.rootpath),
        "code": sums,
        "command": shlex.join([pytest, *map(str, config.invocation_params.args)]),
        "repeat": shlex.join([pytest, *_options(config)]),
        "costs": config.getoption("markexpr") if cost_asked(config) else "",
        "scale": config.getoption("scale"),
        "seeds": "fresh" if config.getoption("fresh_seeds") else "declared",
        "device": config.getoption("device"),
        "threads": torch.get_num_threads(),
        "cpu": cpu()[0],
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "data": list(data.values()),
    }


def _pytest(root):
    """How a shell in the checkout finds this pytest: in the checkout's own environment, or on the PATH."""
    script = Path(sys.prefix) / "bin" / "pytest"
    return script.relative_to(root).as_posix() if script.is_relative_to(root) else "pytest"


def _options(config):
    """The run's options that a claim's outcome depends on; `costs` is another, without which no cost is measured."""
    given = {arg.split("=")[0] for arg in map(str, config.invocation_params.args)}
    if "--data-dir" in given:
        yield f"--data-dir={_from_root(config, config.getoption('data_dir'))}"
    yield from (f"{option}={config.getoption(option)}" for option in ("--scale", "--device") if option in given)
    yield from (option for option in ("--fresh-seeds", "--null-arms", "--untrained-arms") if option in given)


def _from_root(config, path):
    """The path as a shell in the checkout's root would give it."""
    here = config.invocation_params.dir
    return path if here == config.rootpath else here / path


def code(config):
    """{path of a test file with claims: checksum of its text}, and under "" that of all instruments."""
    files = {path for claims in written(config).values() for path, _ in claims}
    instruments = [path for path in sorted(LAB.rglob("*.py")) if not path.is_relative_to(LAB / "report")]
    return {
        "": _sum(instruments),
        **{path.relative_to(config.rootpath).as_posix(): _sum([path]) for path in sorted(files)},
    }


def _sum(paths):
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def commit(folder):
    """Commit of the repository whose top level is `folder`, with + where tracked files have changed since; else empty.

    A repository around the folder, or one that a git hook names, says nothing about the code in it.
    """
    if not shutil.which("git"):
        return ""
    git = ["git", "-C", folder, "--git-dir=.git", "--work-tree=."]
    describe = ["describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    shown = subprocess.run([*git, *describe], capture_output=True, text=True, timeout=10)
    return shown.stdout.strip()
