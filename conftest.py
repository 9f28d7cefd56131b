"""Command-line options and session fixtures; the mechanisms are in tests/lab."""

import gc

gc.disable()  # until collection ends: a fifth of the start would go into a search for garbage among new modules

from pathlib import Path

import platformdirs
import pytest
import torch

from lab.timing import torch_device

pytest_plugins = ["lab.collection", "lab.claims", "lab.session", "lab.report.history", "lab.report.collect", "pytester"]


def pytest_addoption(parser):
    group = parser.getgroup("lecture")
    group.addoption("--data-dir", type=Path, default=platformdirs.user_cache_path("executable-lecture"), metavar="DIR",
                    help="MNIST/raw, cifar-10-batches-py or cifar10/{train,test}/<class>/*.jpg (default: %(default)s)")
    group.addoption("--download", action="store_true", help="fetch MNIST and CIFAR-10 into --data-dir where absent")
    group.addoption("--scale", choices=["quick", "course"], default="quick",
                    help="quick: short recipes with enough power; course: the notebooks' own (default: quick)")
    group.addoption("--engine", default="local", metavar="ENGINE",
                    help="who trains: local, dask=tcp://host:port, slurm or slurm=JOBS (default: local)")
    group.addoption("--dry-run", action="store_true", help="two steps of each net of the course results, on any device")
    group.addoption("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    group.addoption("--fresh-seeds", action="store_true", help="draw new seeds instead of the declared ones")
    group.addoption("--fresh", action="store_true", help="train again what the trial store already holds")
    group.addoption("--null-arms", action="store_true", help="audit: make the arms of every comparison equal")
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the report goes (default: reports)")
    group.addoption("--language", choices=["en", "zh", "auto"], default="auto",
                    help="the report's first language (default: the reader's browser's)")


def pytest_configure():
    torch.set_num_threads(1)  # the same bits on any number of cores; trials have worker processes of their own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    torch.manual_seed(0)  # what a test draws depends on no test before it: the same alone, in another order, with -n 2


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    try:
        return (yield)
    finally:
        gc.freeze()  # a million objects of modules and tests stay to the end: no search for garbage among them
        gc.enable()


@pytest.fixture(scope="session")
def data_dir(request):
    """Folder of the data sets; a claim that needs an absent one is NOT RUN."""
    return request.config.getoption("data_dir")


@pytest.fixture(scope="session")
def scale(request):
    """"quick" or "course"."""
    return request.config.getoption("scale")


@pytest.fixture(scope="session")
def device(request):
    """The torch device that benchmarks run on; training of small nets stays on the CPU."""
    return torch_device(request.config.getoption("device"))
