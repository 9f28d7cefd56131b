"""Killed at any moment, does a run leave no process and no damage, and does the next one train only what is missing?"""
import hashlib
import json
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from functools import partial
from types import SimpleNamespace

import pytest

from lab.execution.processes import available_cores
from lab.experiments.store import TrialStore
from selfcheck.sample_trials import tries
from selfcheck.small_lecture import TRAINED, write_lecture

FIFTHS = ["first", "second", "third", "fourth", "last"]


class Project:
    """A lecture of one trained claim, and what its runs leave behind."""

    def __init__(self, folder, runs):
        self.folder, self.runs, self.store = folder, runs, folder / ".pytest_cache/d/trials.sqlite"
        write_lecture(folder, TRAINED)

    def run(self, until=None):
        """(exit status, seconds) of the next run."""
        for log in self.folder.glob("*.log"):
            log.unlink()
        return self.runs.run(self.folder, until=until)

    def run_killed_after(self, seconds):
        """From an empty store; again and sooner, should the run have ended by then."""
        status = None
        while status != -signal.SIGKILL:
            shutil.rmtree(self.folder / ".pytest_cache", ignore_errors=True)
            status, _ = self.run(until=partial(time.sleep, seconds))
            seconds *= 0.9

    def begun(self):
        """The tries of the last run, each a set of (arm, seed)."""
        return [{(log.stem, seed) for seed in seeds} for log in self.folder.glob("*.log") for seeds in tries(log)]

    def stored(self):
        """({(arm, seed)}, what is wrong with the store that they are in)."""
        wrong = TrialStore(self.store).damaged
        with closing(sqlite3.connect(self.store)) as db:
            wrong += [fault for fault, in db.execute("PRAGMA integrity_check") if fault != "ok"]
            rows = db.execute("SELECT arm, seed, key, result, checksum FROM trials").fetchall()
        wrong += [f"checksum of {arm}, seed {seed}" for arm, seed, key, result, checksum in rows
                  if checksum != hashlib.sha256(f"{key}\0{result}".encode()).hexdigest()]
        return {(arm, seed) for arm, seed, *_ in rows}, wrong

    def result(self):
        """What the last report says of the run's completeness, and of each case and its experiment."""
        evidence = json.loads((self.folder / "reports/evidence.json").read_text(encoding="utf-8"))
        return evidence["run"]["complete"], [(test["outcome"], test["experiment"]) for test in evidence["tests"]]


@pytest.fixture(scope="module")
def project(tmp_path_factory, runs):
    return Project(tmp_path_factory.mktemp("killed"), runs)


@pytest.fixture(scope="module")
def undisturbed(project):
    """Length and result of a run that nobody kills."""
    status, seconds = project.run()
    assert status == pytest.ExitCode.OK
    return SimpleNamespace(seconds=seconds, result=project.result())


@pytest.mark.parametrize("fifth", range(5), ids=[f"in the {fifth} fifth" for fifth in FIFTHS])
def test_a_killed_run_leaves_no_process_and_costs_the_trials_under_way(fifth, project, undisturbed):
    """Of a run in five fifths, at a random moment of each."""
    project.run_killed_after((fifth + random.Random(fifth).random()) / 5 * undisturbed.seconds)
    assert project.runs.left_over(seconds=10) == []
    kept, wrong = project.stored()
    assert wrong == []
    assert sum(not trials <= kept for trials in project.begun()) <= available_cores()

    shutil.rmtree(project.folder / "reports")
    status, _ = project.run()
    assert status == pytest.ExitCode.OK
    assert project.result() == undisturbed.result
    trained = [trial for trials in project.begun() for trial in trials]
    assert len(set(trained)) == len(trained)
    assert len(kept.intersection(trained)) == bool(kept)            # one of these was trained again, to compare
    assert kept <= project.stored()[0]
