"""pytest plugin: the conditions under which claims are tested: the scale of their recipes, and the device."""

import pytest

from lab.claims.plugin import SHARING, cost_asked
from lab.device import NO_CARD, refusal, torch_device


def pytest_addoption(parser):
    """Both have defaults that any machine can follow."""
    group = parser.getgroup("lecture")
    group.addoption(
        "--scale",
        choices=["quick", "course"],
        default="quick",
        help="quick: short recipes with enough power; course: the notebooks' own (default: quick)",
    )
    group.addoption("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def pytest_report_header(config):
    """What the run can't have, said before it begins: a GPU that PyTorch can't use; costs measured under -n."""
    unused = config.getoption("device") == "auto" and refusal() not in ("", NO_CARD)
    processes = getattr(config.option, "numprocesses", None) or 0
    shared = cost_asked(config) and processes > 1
    return [
        *([f"device: cpu, since {refusal()}"] if unused else []),
        *([f"no cost is measured: {processes} processes{SHARING}"] if shared else []),
    ]


@pytest.fixture(scope="session")
def scale(request):
    """ "quick" or "course"."""
    return request.config.getoption("scale")


@pytest.fixture(scope="session")
def device(request):
    """The torch device that benchmarks run on; training of small nets stays on the CPU."""
    return torch_device(request.config.getoption("device"))
