"""pytest plugin: where the data sets lie, and whether absent ones are fetched."""

from pathlib import Path

import platformdirs
import pytest


def pytest_addoption(parser):
    """The folder, and the one way to have something downloaded."""
    group = parser.getgroup("lecture")
    group.addoption(
        "--data-dir",
        type=Path,
        default=platformdirs.user_cache_path("executable-lecture"),
        metavar="DIR",
        help="MNIST/raw, cifar-10-batches-py or cifar10/{train,test}/<class>/*.jpg (default: %(default)s)",
    )
    group.addoption("--download", action="store_true", help="fetch MNIST and CIFAR-10 into --data-dir where absent")


@pytest.fixture(scope="session")
def data_dir(request):
    """Folder of the data sets; a claim that needs an absent one is NOT RUN."""
    return request.config.getoption("data_dir")
