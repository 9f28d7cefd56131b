"""What every test begins with; tests/lab/__init__.py names the plugins, whose options and fixtures stand with them."""

import pytest
import torch


def pytest_configure():
    torch.set_num_threads(1)  # the same bits on any number of cores; trials have worker processes of their own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    torch.manual_seed(0)  # what a test draws depends on no test before it: the same alone, in another order, with -n 2
