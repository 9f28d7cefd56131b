"""pytest plugin: the command-line options and all other plugins; pytest.ini names it, so that they hold in any folder.

pytest reads the conftest.py of the folders that it takes the command line to name, and that may be none of ours.
"""

import gc

gc.disable()  # until collection ends: a fifth of the start would go into a search for garbage among new modules

from pathlib import Path

import platformdirs
import pytest

pytest_plugins = ["lab.claims.collection", "lab.claims.plugin", "lab.experiments.plugin", "lab.report.history",
                  "lab.report.plugin", "pytester"]


def pytest_addoption(parser):
    group = parser.getgroup("lecture")
    group.addoption("--data-dir", type=Path, default=platformdirs.user_cache_path("executable-lecture"), metavar="DIR",
                    help="MNIST/raw, cifar-10-batches-py or cifar10/{train,test}/<class>/*.jpg (default: %(default)s)")
    group.addoption("--download", action="store_true", help="fetch MNIST and CIFAR-10 into --data-dir where absent")
    group.addoption("--scale", choices=["quick", "course"], default="quick",
                    help="quick: short recipes with enough power; course: the notebooks' own (default: quick)")
    group.addoption("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the report goes (default: reports)")
    group.addoption("--language", choices=["en", "zh", "auto"], default="auto",
                    help="the report's first language (default: the reader's browser's)")


def pytest_configure(config):
    """`pytest -c elsewhere/pytest.ini` means the tests there, and not what lies in the present folder."""
    if (config.args_source is config.ArgsSource.INVOCATION_DIR
            and not config.invocation_params.dir.is_relative_to(config.rootpath)):
        config.args = [str(config.rootpath / path) for path in config.getini("testpaths") or [""]]
        config.args_source = config.ArgsSource.TESTPATHS


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    try:
        return (yield)
    finally:
        gc.freeze()  # a million objects of modules and tests stay to the end: no search for garbage among them
        gc.enable()
