"""Do idle workers train what later tests need, and does nobody notice but by the time it takes?"""
import os
import time
from types import SimpleNamespace

import pytest

from lab.experiments import Arm, Laboratory
from lab.runner import Runner
from lab.session import foreseen
from selfcheck.sample_trials import gated, noisy, raising, tries


@pytest.fixture
def with_two_workers():
    """`with_two_workers(foreseen)`: a laboratory whose workers train these ahead."""
    opened = []

    def opens(foreseen):
        opened.append(Laboratory("nowhere", runner=Runner(2, time_limit=60), foreseen=foreseen))
        return opened[-1]
    yield opens
    for one in opened:
        one.close()


def until(condition, seconds=30):
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_idle_workers_train_the_first_seeds_ahead(arms, with_two_workers, log):
    ahead = with_two_workers(arms)
    assert until(lambda: ahead.trained == 10)
    ahead.trials(arms[0], [0, 1, 2, 3, 4])
    assert sorted(seed for seeds in tries(log) for seed in seeds) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_what_was_trained_ahead_gives_the_same_comparison(arms, with_two_workers):
    contrast = {arms[0]: 1, arms[1]: -1}
    ahead = with_two_workers([arms[1], arms[0]]).compare(contrast, "score", 1.0)
    assert ahead == Laboratory("nowhere", runner=Runner(1)).compare(contrast, "score", 1.0)


def test_what_a_test_waits_for_comes_before_what_is_foreseen(arms, with_two_workers, tmp_path):
    log, gate = str(tmp_path / "gated"), str(tmp_path / "gate")
    slow = [Arm(str(number), gated, log=log, gate=gate, place=number) for number in range(3)]
    busy = with_two_workers(slow)
    assert until(lambda: len(tries(log)) == 2)          # both workers are at the first of five trials each
    open(gate, "w").close()
    busy.trials(arms[0], [0])
    assert len(tries(log)) < 3 * 5


def test_an_error_in_what_is_foreseen_waits_for_the_test_that_needs_it(arms, with_two_workers, log):
    bad = Arm("raising", raising, log=log)
    lab = with_two_workers([bad, *arms])
    assert lab.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0).verdict == "confirmed"
    with pytest.raises(ZeroDivisionError, match="the trial's own mistake"):
        lab.trials(bad, [0])


def test_closing_ends_the_workers_at_work(with_two_workers, tmp_path):
    log = str(tmp_path / "gated")
    never = str(tmp_path / "never")
    lab = with_two_workers([Arm(f"gated {place}", gated, log=log, gate=never, place=place) for place in range(2)])
    assert until(lambda: len(tries(log)) == 2)
    workers = [pid for [pid] in tries(log)]
    lab.close()
    assert until(lambda: not any(map(alive, workers)), seconds=5)


CONSTANT = Arm("constant", noisy, log="nowhere")
PARAMETER = Arm("parameter", noisy, log="nowhere", mean=1.0)


@pytest.mark.parametrize("marks, found", [
    pytest.param([], [PARAMETER, CONSTANT], id="selected"),
    pytest.param(["skip"], [], id="skipped"),
    pytest.param(["benchmark"], [], id="beside a measurement of cost"),
])
def test_the_arms_that_a_test_names_are_foreseen(request, marks, found):
    def names_two_arms(net, laboratory):
        laboratory.compare({net: 1, CONSTANT: -1}, "score", 1.0)

    item = pytest.Function.from_parent(request.node.parent, name="names_two_arms", callobj=names_two_arms)
    item.fixturenames, item.callspec = ["laboratory"], SimpleNamespace(params={"net": PARAMETER})
    for mark in marks:
        item.add_marker(mark)
    assert foreseen([item]) == found


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z"
