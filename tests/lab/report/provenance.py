"""Where a run's numbers come from: versions, commit, machine, data, seeds and the command that repeats it."""

import platform
import shlex
import shutil
import subprocess
import time
from importlib import metadata
from pathlib import Path

import torch

from lab.data import describe, handwritten_digits

PACKAGES = ["torch", "torchvision", "timm", "torchinfo", "fvcore", "numpy", "scipy", "scikit-learn", "pytest",
            "hypothesis", "pytest-benchmark", "jinja2", "matplotlib", "pygments"]


def provenance(config, tests, began):
    """The `run` table of evidence.json; `began` in seconds since the epoch."""
    data = {row["sha256"]: row for row in [describe(handwritten_digits(config.getoption("data_dir")))]}
    for experiment in (test["experiment"] for test in tests if test["experiment"]):
        if experiment["data"]:
            data.setdefault(experiment["data"]["sha256"], experiment["data"])
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(began)),
        "duration_s": round(time.time() - began, 2),
        "commit": _commit(config.rootpath),
        "command": shlex.join(["pytest", *map(str, config.invocation_params.args)]),
        "scale": config.getoption("scale"),
        "seeds": "fresh" if config.getoption("fresh_seeds") else "declared",
        "device": config.getoption("device"),
        "threads": torch.get_num_threads(),
        "cpu": _cpu(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "data": list(data.values()),
    }


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _commit(folder):
    """Commit of the checkout, with + where tracked files have changed since; empty outside a checkout."""
    if not shutil.which("git"):
        return ""
    shown = subprocess.run(["git", "-C", folder, "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
                           capture_output=True, text=True, timeout=10)
    return shown.stdout.strip()


def _cpu():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
