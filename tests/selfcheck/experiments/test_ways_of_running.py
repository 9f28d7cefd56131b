"""Cold, warm, half warm or killed before; on one core, two, -n 2 or a cluster; trained ahead or not: all equal?"""
import json
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from selfcheck.sample_trials import wait_until
from selfcheck.small_lecture import write_lecture

AHEAD = '''
from types import MappingProxyType

import pytest
from lab.claims import claim
from lab.experiments import Arm
from selfcheck.sample_trials import noisy

ARMS = dict(good=Arm("good", noisy, log="log", pause=0.01, mean=3.0, spread=1.5),
            poor=Arm("poor", noisy, log="log", pause=0.01),
            like=Arm("like", noisy, log="log", pause=0.01, spread=1.1))


@claim("two-and-two", no_counterexample="decides nothing about sums")
@pytest.mark.parametrize("better, margin, rule, cap", [
    pytest.param("good", 1.0, "gain", 32, id="confirmed with the first seeds"),
    pytest.param("good", 2.2, "gain", 32, id="confirmed with more"),
    pytest.param("like", 1.0, "gain", 32, id="refuted"),
    pytest.param("like", 0.2, "equivalence", 32, id="alike"),
    pytest.param("good", 2.9, "gain", 11, id="undecided"),
])
def test_one_is_better(better, margin, rule, cap, laboratory, evidence, arms=ARMS):
    """One is better."""
    gain = laboratory.compare({arms[better]: 1, arms["poor"]: -1}, "score", margin, rule, cap=cap)
    evidence.experiment(gain)

    assert gain.verdict == "confirmed"
'''
# Nobody looks for arms in a mapping that is no dict.
LECTURES = {"trained ahead": AHEAD, "not ahead": AHEAD.replace("= dict(", "= MappingProxyType(dict(")
            .replace("spread=1.1))", "spread=1.1)))")}
STORE = Path(".pytest_cache/d/trials.sqlite")
HALF = "DELETE FROM trials WHERE (arm = 'good') = (seed % 2)"     # leaves even seeds of one arm, odd ones of the others


@pytest.fixture
def project(tmp_path):
    """project(lecture) writes it to a folder of its own."""
    def write(claims):
        write_lecture(tmp_path, claims)
        return tmp_path
    return write


@pytest.fixture(scope="module")
def alone(runs, tmp_path_factory):
    """Folder and result of a cold run on one core, of which every other one is to be an equal."""
    folder = tmp_path_factory.mktemp("alone")
    write_lecture(folder, LECTURES["not ahead"])
    runs.run(folder, cores=1)
    return folder, result(folder)


def result(folder):
    """Outcome and experiment of each test in the folder's report."""
    tests = json.loads((folder / "reports/evidence.json").read_text(encoding="utf-8"))["tests"]
    return {test["nodeid"]: (test["outcome"], test["reason"], test["experiment"]) for test in tests}


def stored(folder):
    """How many trials the folder's store holds."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(folder / STORE)) as db:
        return db.execute("SELECT count(*) FROM trials").fetchone()[0]
    return 0


def test_the_runs_have_something_to_differ_in(alone):
    _, tests = alone
    assert [outcome for outcome, *_ in tests.values()] == ["HOLDS", "HOLDS", "FAILS", "HOLDS", "UNDECIDED"]
    assert [experiment["n"] for *_, experiment in tests.values()] == [8, 20, 6, 16, 11]


STATES = ["cold", "warm", "half warm", "killed"]
WAYS = {"one core": (1, []), "two cores": (2, []), "-n 2": (2, ["-n", "2"]), "Dask": (2, ["--engine=dask={address}"])}
# Each state with each way, and both lectures with each of either.
PAIRS = [pytest.param(*way, state, ahead, id=f"{name}-{state}-{ahead}")
         for i, (name, way) in enumerate(WAYS.items()) for j, state in enumerate(STATES)
         for ahead in [list(LECTURES)[(i + j) % 2]]]


@pytest.mark.parametrize("cores, options, state, ahead", PAIRS)
def test_every_way_of_running_finds_the_same(cores, options, state, ahead, alone, runs, project, request):
    reference, expected = alone
    folder = project(LECTURES[ahead])
    options = [option.format(address=request.getfixturevalue("dask_address")) if "{" in option else option
               for option in options]
    if state in {"warm", "half warm"}:
        shutil.copytree(reference / STORE.parent, folder / STORE.parent)
    if state == "half warm":
        with closing(sqlite3.connect(folder / STORE)) as db, db:
            assert db.execute(HALF).rowcount > 20
    if state == "killed":
        runs.run(folder, *options, cores=cores, until=lambda: wait_until(lambda: stored(folder) > 5))
        assert runs.left_over(seconds=10) == [] and not (folder / "reports/evidence.json").exists()
    runs.run(folder, *options, cores=cores)

    assert result(folder) == expected


def test_an_audit_of_equal_arms_finds_the_same_twice(runs, project):
    folder, found = project(LECTURES["trained ahead"]), []
    for _ in "cold", "warm":
        runs.run(folder, "--null-arms", "--report-dir=reports", "-k", "undecided", cores=1)
        found.append(result(folder))

    assert found[0] == found[1]
    assert all(experiment["n"] for *_, experiment in found[0].values())
