"""Arms and their trials in parts: who trains beside whom, and how many at once."""
from types import SimpleNamespace

import pytest

from lab.execution.dask_cluster import Dask
from lab.execution.processes import Engine
from lab.execution.runner import Runner
from lab.experiments.arms import Arm, Task
from lab.experiments.laboratory import Laboratory
from lab.experiments.store import TrialStore
from lab.experiments.trials import Trials
from selfcheck.sample_trials import noisy, tries


class Alone:
    """A model of which one net trains at a time."""


class Together:
    """A model of which many do."""
    seeds_at_once = 20


def modelled(seeds, *, model=None, **recipe):
    return noisy(seeds, **recipe)


def arm_of(model, log="nowhere", mean=0.0):
    return Arm(f"mean {mean}", modelled, log=log, mean=mean, **({"model": model} if model else {}))


@pytest.mark.parametrize("model, seeds, parts, jobs", [
    pytest.param(None, range(7), 3, [[0, 3, 6], [1, 4], [2, 5]], id="in so many parts"),
    pytest.param(None, range(2), 3, [[0], [1]], id="no part is empty"),
    pytest.param(None, range(3), 0, [[0, 1, 2]], id="at least one part"),
    pytest.param(Alone, range(3), 1, [[0], [1], [2]], id="one at once: one by one"),
    pytest.param(Together, range(5), 4, [[0, 2, 4], [1, 3]], id="many at once: half as many parts"),
    pytest.param(Together, range(5), 1, [[0, 1, 2, 3, 4]], id="many at once, in one part"),
    pytest.param(None, [], 3, [], id="no seeds"),
])
def test_seeds_are_split_by_how_many_the_model_trains_at_once(model, seeds, parts, jobs):
    assert Task(arm_of(model), "nowhere").split(list(seeds), parts) == jobs


def test_a_recipe_may_hold_lists_and_a_trial_that_takes_a_device_is_told():
    def trial(seeds, *, data_dir, device, widths):
        return seeds, data_dir, device, widths

    arm = Arm("an arm", trial, widths=[3, 5])
    assert {arm: 1}[Arm("an arm", trial, widths=[3, 5])] and arm != Arm("an arm", trial, widths=[3, 7])
    assert Task(arm, "nowhere", "mps").run([7]) == ([7], "nowhere", "mps", (3, 5))


def test_a_trial_that_takes_long_is_told_where_to_keep_itself(tmp_path):
    def trial(seeds, *, data_dir, checkpoints=None):
        return checkpoints

    arm = Arm("an arm", trial)
    paths = Task(arm, "nowhere", checkpoints=tmp_path).run([3, 7])

    assert Task(arm, "nowhere").run([3, 7]) is None
    assert list(paths) == [3, 7] and len({*paths.values()}) == 2
    assert {path.parent for path in paths.values()} == {tmp_path}


def test_seeds_that_take_long_are_trained_one_by_one(monkeypatch):
    monkeypatch.setattr(modelled, "time_limit", 50, raising=False)

    assert Task(arm_of(Together), "nowhere").split([0, 1, 2], 1) == [[0], [1], [2]]


@pytest.mark.parametrize("engine, kept", [
    pytest.param(Engine(), True, id="on this machine"),
    pytest.param(Dask("tcp://nowhere:1"), False, id="on another"),
])
def test_checkpoints_lie_beside_the_store_where_the_workers_see_it(engine, kept, tmp_path, arms):
    task = Trials(TrialStore(tmp_path / "trials.sqlite"), "nowhere", engine).task(arms[0])

    assert task.checkpoints == (tmp_path / "checkpoints" if kept else None)


@pytest.mark.parametrize("workers, parts", [
    pytest.param(1, [[0, 1, 2, 3]], id="one worker"),
    pytest.param(4, [[0, 2], [1, 3]], id="two workers for each of two arms"),
    pytest.param(5, [[0, 2], [1, 3]], id="and one to spare"),
])
def test_there_are_jobs_for_all_workers(arms, workers, parts):
    engine = SimpleNamespace(workers=workers, device="cpu", here=True)
    jobs = Trials(TrialStore(None), "nowhere", engine).jobs(arms, [0, 1, 2, 3])

    assert [(task.arm, seeds) for task, seeds in jobs] == [(arm, part) for arm in arms for part in parts]


@pytest.mark.parametrize("model, jobs", [
    pytest.param(None, [[7, 8, 9]], id="no model: at once"),
    pytest.param(Alone, [[7], [8], [9]], id="one by one"),
    pytest.param(Together, [list(range(7, 7 + 16))], id="a group of sixteen at once"),
])
def test_what_is_trained_ahead_keeps_a_group_together(model, jobs):
    trials = Trials(TrialStore(None), "nowhere", SimpleNamespace(device="cpu", here=True))
    assert [seeds for _, seeds in trials.first_jobs([arm_of(model)], 7, 3)] == jobs


@pytest.mark.parametrize("model, jobs", [
    pytest.param(None, [range(5), [5], [6], [7]], id="five, then one after the other"),
    pytest.param(Together, [range(16), range(16, 24), range(24, 27)], id="a group, then half a group, to the cap"),
])
def test_seeds_are_added_until_the_cap(log, model, jobs):
    """In this process; the gain of 3 lies at the margin."""
    arms = [arm_of(model, log, mean) for mean in (3.0, 0.0)]
    comparison = Laboratory("nowhere", runner=Runner(1)).compare(
        {arms[0]: 1, arms[1]: -1}, "score", 3.0, cap=sum(map(len, jobs)))

    assert comparison.verdict == "undecided"
    assert tries(log) == [list(job) for job in jobs for _ in arms]
