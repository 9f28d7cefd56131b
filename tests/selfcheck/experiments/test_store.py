"""Is a stored trial found again if, and only if, all that it depends on is the same; and is none lost or bent?"""
import importlib
import sqlite3
from types import SimpleNamespace

import pytest
import torch

from lab.execution import environment
from lab.execution.runner import Runner
from lab.experiments.arms import Arm, Task
from lab.experiments.laboratory import Laboratory
from lab.experiments.store import FlakyReplay, TrialStore, trial_key
from lab.models.small.shuffled import FullyConnected
from lab.training.sgd import train_classifier
from selfcheck.sample_trials import noisy, tries, unsteady


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a folder" / "in a folder" / "trials.sqlite"


@pytest.fixture
def arm(log):
    return Arm("noisy", noisy, log=log)


def laboratory(path, **options):
    return Laboratory("nowhere", runner=Runner(1), store=TrialStore(path, **options))


def rows(path):
    with sqlite3.connect(path) as db:
        return db.execute("SELECT arm, seed FROM trials ORDER BY seed").fetchall()


def test_a_later_run_trains_only_what_is_missing(path, arm, log):
    first = laboratory(path).trials(arm, [0, 1, 2])
    later = laboratory(path)
    assert later.trials(arm, [0, 1, 2, 3])[:3] == first
    assert (later.found, later.trained) == (3, 1)
    assert tries(log)[1:] == [[3], [0]]         # the missing one; then a stored one again, to compare


def test_fresh_trains_again_and_keeps(path, arm):
    laboratory(path).trials(arm, [0, 1])
    fresh = laboratory(path, fresh=True)
    fresh.trials(arm, [0, 1])
    assert (fresh.found, fresh.trained) == (0, 2)
    assert laboratory(path).trials(arm, [0]) and rows(path) == [("noisy", 0), ("noisy", 1)]


def test_each_trial_is_kept_as_soon_as_it_ends(path, log):
    """The second arm's error loses nothing of the first."""
    lab = laboratory(path)
    with pytest.raises(TypeError, match="unexpected keyword"):
        lab.compare({Arm("fine", noisy, log=log): 1, Arm("wrong", noisy, log=log, typo=1): -1}, "score", 0.0)
    assert rows(path) == [("fine", seed) for seed in range(5)]


def test_a_flaky_trial_is_an_error(path, log):
    arm = Arm("unsteady", unsteady, log=log)
    laboratory(path).trials(arm, [0])
    with pytest.raises(FlakyReplay, match="arm 'unsteady', seed 0: .*gave another score"):
        laboratory(path).trials(arm, [0])


def test_a_trial_of_a_group_is_the_same_run_again_alone(path):
    """Of 16 nets that train together one is trained again by itself; twice, for the first one is the replayed one."""
    arm = Arm("FC", train_classifier, model=FullyConnected, steps=120, lr=0.03, momentum=0.9, tested=100)
    laboratory(path).trials(arm, list(range(16)))
    for seed in 0, 15:
        assert laboratory(path).trials(arm, [seed])


@pytest.mark.parametrize("damage", [
    "UPDATE trials SET result = replace(result, '0', '1') WHERE seed = 1",
    "UPDATE trials SET result = (SELECT result FROM trials WHERE seed = 0) WHERE seed = 1",
    "UPDATE trials SET result = (SELECT result FROM trials WHERE seed = 0), "
    "checksum = (SELECT checksum FROM trials WHERE seed = 0) WHERE seed = 1",
    "UPDATE trials SET result = '' WHERE seed = 1"], ids=["changed", "swapped", "swapped with checksum", "emptied"])
def test_a_damaged_row_is_named_and_trained_again(path, arm, damage):
    before = laboratory(path).trials(arm, [0, 1])
    with sqlite3.connect(path) as db:
        db.execute(damage)
    lab = laboratory(path)
    with pytest.warns(UserWarning, match="trial of noisy, seed 1, is damaged"):
        assert lab.trials(arm, [0, 1]) == before
    assert (lab.found, lab.trained) == (1, 1) and len(lab.store.damaged) == 1
    assert laboratory(path).trials(arm, [0, 1]) == before


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be mistaken for one" * 99],
                         ids=["empty", "no database"])
def test_a_broken_file_is_moved_aside(path, arm, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    if content:
        with pytest.warns(UserWarning, match="was broken"):
            lab = laboratory(path)
        assert path.with_name("trials.sqlite.broken-1").read_bytes() == content
    else:
        lab = laboratory(path)
    lab.trials(arm, [0])
    assert rows(path) == [("noisy", 0)]


def test_a_store_that_can_not_be_opened_costs_a_warning(tmp_path, arm):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="can't be used"):
        lab = laboratory(tmp_path / "file" / "trials.sqlite")
    assert lab.trials(arm, [0, 1])


@pytest.fixture
def key(monkeypatch):
    """`key(**changed)`: of one trial, with some of what it depends on changed."""
    monkeypatch.setattr("lab.execution.environment.describe", lambda device: {"device": "a GPU"})

    def of(trial=noisy, recipe=None, seed=5, data="digits", device="cpu"):
        monkeypatch.setattr(Task, "images", SimpleNamespace(name=data, sha256="abc"))
        return trial_key(Task(Arm("an arm", trial, **(recipe or {"mean": 1.0})), "nowhere", device), seed)
    return of


@pytest.mark.parametrize("changed", [
    {"trial": unsteady}, {"recipe": {"mean": 1.5}}, {"recipe": {"mean": 1.0, "model": torch.nn.Linear}}, {"seed": 6},
    {"data": "mnist"}, {"device": "cuda"}], ids=["trial", "number", "class", "seed", "data", "device"])
def test_key_changes_with_the_trial(key, changed):
    assert key(**changed) != key() == key()


@pytest.mark.parametrize("owner, name, value", [
    (torch, "__version__", "0.4.1"), (environment, "THREADS", 2), (environment.platform, "machine", lambda: "abacus"),
    (torch.backends.cpu, "get_cpu_capability", lambda: "NONE")], ids=["torch", "threads", "machine", "capability"])
def test_key_changes_with_the_surroundings(key, monkeypatch, owner, name, value):
    before = key()
    monkeypatch.setattr(owner, name, value)
    assert key() != before


def test_key_changes_with_the_code_that_a_trial_reaches():
    reached = set(environment.sources((train_classifier.__module__,)))
    assert {"lab.training.sgd", "lab.training.randomness", "lab.data.datasets", "lab.data.readers"} <= reached
    # These don't change a trial's values.
    assert not {"lab.experiments.laboratory", "lab.statistics.decisions", "lab.claims.plugin"} & reached


def test_key_changes_with_the_code_of_each_module_of_a_recipe():
    """Not lab's alone: a trial may be anybody's, and its model torch's."""
    assert set(environment.sources(("selfcheck.sample_trials", "torch.nn.modules.linear"))) >= {
        "selfcheck.sample_trials", "torch.nn.modules.linear"}


def test_a_changed_line_in_a_reached_module_changes_its_digest(tmp_path, monkeypatch):
    source = tmp_path / "trial_of_today.py"
    source.write_text("import math\nfrom lab.models.small.shrink import Halve\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    before, digest = environment.sources(("trial_of_today",)), environment.code_digest.__wrapped__(("trial_of_today",))
    source.write_text("import math\nfrom lab.models.small.shrink import Halve  # another line\n")
    after = environment.sources(("trial_of_today",))
    assert set(before) == set(after) == {"trial_of_today", "lab.models.small.shrink"}
    assert before["trial_of_today"] != after["trial_of_today"]
    assert environment.code_digest.__wrapped__(("trial_of_today",)) != digest


def test_key_changes_with_the_digest_of_the_code(key, monkeypatch):
    before = key()
    monkeypatch.setattr(environment, "code_digest", lambda modules: "another")
    assert key() != before
