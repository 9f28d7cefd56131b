"""Session fixtures, and what every test begins with; options are in tests/lab/options.py, mechanisms beside it."""

import pytest
import torch

from lab.device import torch_device


def pytest_configure():
    torch.set_num_threads(1)  # the same bits on any number of cores; trials have worker processes of their own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    torch.manual_seed(0)  # what a test draws depends on no test before it: the same alone, in another order, with -n 2


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
