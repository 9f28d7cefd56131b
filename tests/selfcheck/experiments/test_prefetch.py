"""Do idle workers train what later tests need, and does nobody notice but by the time it takes?"""
import threading
from types import SimpleNamespace
from unittest.mock import Mock

import psutil
import pytest

from lab.execution.runner import PREFETCHED, PREFETCHED_LATER, SPECULATIVE, WAITED_FOR, Runner
from lab.experiments.arms import Arm
from lab.experiments.laboratory import PREFETCH, Laboratory
from lab.experiments.plugin import arms_to_come, pytest_collection
from lab.training.course_training import train_course_net
from selfcheck.sample_trials import gated, noisy, raising, tries, wait_until


@pytest.fixture
def with_two_workers():
    """`with_two_workers(foreseen)`: a laboratory whose workers train these ahead."""
    opened = []

    def opens(foreseen):
        opened.append(Laboratory("nowhere", runner=Runner(2, time_limit=60), prefetch=foreseen))
        return opened[-1]
    yield opens
    for one in opened:
        one.close()


def test_idle_workers_train_the_first_seeds_ahead(arms, with_two_workers, log):
    ahead = with_two_workers(arms)
    wait_until(lambda: ahead.trained == 16)
    ahead.trials(arms[0], [0, 1, 2, 3, 4])
    assert sorted(seed for seeds in tries(log) for seed in seeds) == sorted([*range(8), *range(8)])


def test_no_thread_outlives_the_tests(arms, with_two_workers):
    """Python waits at its end for threads that are no daemons, for ever if a worker hangs."""
    before = set(threading.enumerate())
    with_two_workers(arms)
    new = set(threading.enumerate()) - before

    assert new and all(thread.daemon for thread in new)


def test_an_arm_that_has_been_compared_is_given_no_more_seeds_ahead(arms):
    engine = Mock(workers=0, ahead=True, device="cpu")
    laboratory = Laboratory("nowhere", runner=Runner(engine=engine), prefetch=arms)
    laboratory._order(arms, list(range(20)), pairs=9, first=5)      # ten pairs are waited for, an eleventh may be
    assert {job.urgency for job in laboratory.runner._queue} == {*PREFETCH, WAITED_FOR, SPECULATIVE}
    laboratory._order_no_more(arms[:1])
    queued = [(job.urgency, job.task.arm, len(job.seeds)) for job in sorted(laboratory.runner._queue)]

    assert queued == [(PREFETCHED, arms[0], 5), (PREFETCHED, arms[1], 5), (PREFETCHED_LATER, arms[1], 8)]


def test_a_comparison_that_ends_in_an_error_leaves_nothing_queued(arms):
    """No worker is free, so that all is still queued when the error comes."""
    laboratory = Laboratory("nowhere", runner=Runner(engine=Mock(workers=0, ahead=True, device="cpu")))
    laboratory.runner.wait = Mock(side_effect=ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        laboratory.compare({arms[0]: 1, arms[1]: -1}, "score", 1.0)

    assert laboratory.runner._queue == []


def test_what_was_trained_ahead_gives_the_same_comparison(arms, with_two_workers):
    contrast = {arms[0]: 1, arms[1]: -1}
    ahead = with_two_workers([arms[1], arms[0]]).compare(contrast, "score", 1.0)
    assert ahead == Laboratory("nowhere", runner=Runner(1)).compare(contrast, "score", 1.0)


def test_what_a_test_waits_for_comes_before_what_is_foreseen(arms, with_two_workers, tmp_path):
    log, gate = str(tmp_path / "gated"), str(tmp_path / "gate")
    slow = [Arm(str(number), gated, log=log, gate=gate, place=number) for number in range(3)]
    busy = with_two_workers(slow)
    wait_until(lambda: len(tries(log)) == 2)          # both workers are at the first of five trials each
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
    wait_until(lambda: len(tries(log)) == 2)
    workers = [psutil.Process(pid) for [pid] in tries(log)]
    lab.close()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert len(workers) == 2 and alive == []


DEFAULT = Arm("default", noisy, log="nowhere")
PARAMETER, OTHER = [Arm(name, noisy, log="nowhere", mean=1.0) for name in ("parameter", "other")]
BY_SCALE = {"quick": {"its name": OTHER}, "course": DEFAULT}
LONG = Arm("long", train_course_net, net="LeNet")


@pytest.mark.parametrize("marks, found", [
    pytest.param([], [PARAMETER, DEFAULT, OTHER], id="selected"),
    pytest.param(["skip"], [], id="skipped"),
    pytest.param(["benchmark"], [], id="beside a measurement of cost"),
])
def test_the_arms_among_a_tests_parameters_are_to_come(request, marks, found):
    def compares_three_arms(nets, laboratory, reference=DEFAULT, by_scale=BY_SCALE, long=LONG):
        laboratory.compare({nets[0]: 2, reference: -1, by_scale["quick"]["its name"]: -1}, "score", 1.0)

    item = pytest.Function.from_parent(request.node.parent, name="compares_three_arms", callobj=compares_three_arms)
    item.fixturenames, item.callspec = ["laboratory"], SimpleNamespace(params={"nets": (PARAMETER, DEFAULT)})
    for mark in marks:
        item.add_marker(mark)
    assert arms_to_come([item], "quick") == found


@pytest.mark.parametrize("changed, started", [
    pytest.param({}, 1, id="a whole run"),
    pytest.param({"keyword": "pixels"}, 0, id="a part"),
    pytest.param({"markexpr": "exact"}, 0, id="a kind"),
    pytest.param({"collectonly": True}, 0, id="a list of tests"),
    pytest.param({"numprocesses": 2}, 0, id="processes that train themselves"),
    pytest.param({"engine": "dask=tcp://localhost:8786"}, 0, id="a cluster"),
])
def test_a_whole_run_starts_its_workers_imports_early(monkeypatch, changed, started):
    starts, plain = [], dict(keyword="", markexpr="", collectonly=False, numprocesses=None, engine="local")
    monkeypatch.setattr("lab.experiments.plugin.start_server", lambda: starts.append("started"))
    monkeypatch.setattr("lab.experiments.plugin.available_cores", lambda: 2)
    source = pytest.Config.ArgsSource
    config = SimpleNamespace(args_source=source.TESTPATHS, ArgsSource=source, option=SimpleNamespace(**plain | changed))
    pytest_collection(SimpleNamespace(config=config))
    assert len(starts) == started
