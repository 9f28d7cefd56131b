"""pytest plugin: --budget chooses which rows of the table of costs run; `costs` keeps what they measured."""

import math
import time

import pytest

from lab.device import torch_device

PLANNED = pytest.StashKey()  # a Plan, where a run has rows
BEGAN = pytest.StashKey()  # on the monotonic clock, when the first test began
COMPARISON = {"cpu": 2, "mps": 8, "cuda": 8}  # s of a measurement that is no row, on average


def pytest_addoption(parser):
    """How long measurements of cost may take."""
    parser.getgroup("lecture").addoption(
        "--budget",
        type=_minutes,
        default=20,
        metavar="MINUTES",
        help="how long measurements of cost may take: of the table's rows, the most wanted that fit (default: 20)",
    )


def _minutes(text):
    minutes = float(text)
    if not 0 <= minutes < math.inf:
        raise ValueError(text)
    return minutes


_minutes.__name__ = "number of minutes"  # in argparse's sentence about what it can't take


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Of the rows that -k and -m have left, choose those that fit; the others are NOT RUN."""
    measured = [item for item in items if {"benchmark", "gpu"} & {mark.name for mark in item.iter_markers()}]
    measured = [item for item in measured if not item.get_closest_marker("skip")]
    rows = [item for item in measured if _row(item)]
    if rows and not config.option.collectonly:
        from lab.benchmarking.budget import Plan  # imports networks, which a run without rows doesn't need

        device = torch_device(config.getoption("device"))
        others = COMPARISON[device.type] * (len(measured) - len(rows))
        plan = config.stash[PLANNED] = Plan([_row(item) for item in rows], device, config.getoption("budget"), others)
        for item, row in zip(rows, plan.rows):
            if row not in plan.chosen:
                item.add_marker(pytest.mark.skip(plan.left_out()))


def pytest_report_collectionfinish(config):
    """One line before the first test: how many rows, how long, and how that was estimated."""
    return config.stash[PLANNED].words() if PLANNED in config.stash else ()


def pytest_runtest_setup(item):
    """A row that finds the budget used up, because others took longer than estimated, is NOT RUN."""
    began = item.config.stash.setdefault(BEGAN, time.monotonic())
    if _row(item) and time.monotonic() - began > 60 * item.config.getoption("budget"):
        pytest.skip(item.config.stash[PLANNED].used_up())


@pytest.fixture
def keep_rounds(request):
    """`keep_rounds(rounds, **facts)` hands rounds that were measured, in seconds, to pytest-benchmark.

    It reads them from a clock that shows them, so that what it saves and compares is what was measured, by the device's
    clock. facts: extra_info.
    """
    clock = Clock()
    request.node.add_marker(pytest.mark.benchmark(timer=clock), append=False)
    benchmark = request.getfixturevalue("benchmark")

    def hand(rounds, /, **facts):
        left = iter(rounds)
        benchmark.pedantic(clock.advance, setup=lambda: ((next(left),), {}), rounds=len(rounds))
        benchmark.extra_info.update(facts)

    return hand


@pytest.fixture
def costs(request, keep_rounds):
    """`costs(row, rounds)` keeps a row of the table of costs, plain data, and hands its rounds to pytest-benchmark."""

    def keep(row, rounds):
        request.node.user_properties.append(("cost", row))
        keep_rounds(rounds, **row)

    return keep


class Clock:
    """Shows a time that only `advance` moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


def _row(item):
    """The Row that a test measures, by its parameter of that name; None of other tests."""
    return item.callspec.params.get("row") if hasattr(item, "callspec") else None
