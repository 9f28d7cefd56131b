"""Is an engine that can't be had, or can't do, refused in one sentence that says what to do?"""
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import cloudpickle
import distributed
import pytest

from lab.execution.dask_cluster import Dask, chosen
from lab.execution.environment import EngineError, portable, remotely
from lab.experiments.arms import Arm, Task
from selfcheck.sample_trials import noisy


@pytest.fixture
def task(tmp_path):
    return Task(Arm("noisy", noisy, log=str(tmp_path / "log")), tmp_path)


@pytest.mark.parametrize("option, sentence", [
    pytest.param("dusk", "choose local or dask=tcp://host:port", id="unknown"),
    pytest.param("dask", "give the scheduler's address", id="no address"),
    pytest.param("dask=localhost:8786", "give the scheduler's address", id="no protocol"),
    pytest.param("dask=tcp://localhost:port", "give the scheduler's address", id="no number"),
    pytest.param("dask=tcp://127.0.0.1:1", "doesn't answer: start `dask scheduler`", id="no scheduler"),
    pytest.param("slurm=16", "whose workers sbatch may start on Slurm", id="Slurm"),
])
def test_an_engine_that_can_not_be_had_is_refused_before_any_test(lecture, monkeypatch, option, sentence):
    monkeypatch.setattr("lab.execution.dask_cluster.CONNECT", 0.5)
    result = lecture().runpytest("--engine", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len(result.stderr.lines) <= 2 and sentence in result.stderr.str()
    assert "HOLDS" not in result.stdout.str()


def test_an_absent_package_is_named_with_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineError, match="pip install distributed$"):
        chosen("dask=tcp://localhost:8786")


@pytest.mark.parametrize("method, answer, sentence", [
    pytest.param("nthreads", {"tcp://one": 1, "tcp://other": 3}, "has a worker of 3 threads", id="threads"),
    pytest.param("wait_for_workers", TimeoutError(), "has no worker: start .* `dask worker tcp", id="no worker"),
])
def test_a_cluster_that_can_not_train_is_refused(monkeypatch, method, answer, sentence):
    client = Mock(**{"nthreads.return_value": {"tcp://one": 1}, f"{method}.side_effect": [answer]})
    monkeypatch.setattr(distributed, "Client", lambda *args, **kwargs: client)
    with pytest.raises(EngineError, match=sentence):
        Dask("tcp://localhost:8786").connect()
    client.close.assert_called()


def test_a_scheduler_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("lab.execution.dask_cluster.CONNECT", 0.1)
    monkeypatch.setattr(distributed, "Client", lambda *args, **kwargs: time.sleep(5))
    with pytest.raises(EngineError, match="doesn't answer"):
        Dask("tcp://localhost:8786").connect()
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())


def test_a_cluster_serves_one_runner_unless_told():
    address = "tcp://localhost:8786"
    assert Dask(address).sharing == chosen(f"dask={address}").sharing == 1
    assert chosen(f"dask={address}", sharing=3).sharing == 3


def test_a_worker_without_the_checkout_says_so(task, monkeypatch, tmp_path):
    monkeypatch.setattr("lab.execution.environment.TESTS", "/nowhere")
    monkeypatch.setattr(Task, "environment", {})
    worker = subprocess.run([sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)()"], cwd=tmp_path,
                            input=cloudpickle.dumps(portable(print, task, [0], 60)), capture_output=True)
    assert b"can't load its trial (No module named 'lab'): start the workers anew, with this checkout" in worker.stderr


def test_trials_take_turns_in_a_worker_of_several_threads(task, monkeypatch):
    monkeypatch.setattr("lab.execution.environment.become_worker", lambda: None)
    monkeypatch.setattr(Task, "environment", {})
    seen = []

    def trial(*arguments):
        seen.append("begins")
        time.sleep(0.02)
        seen.append("ends")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda seed: remotely({}, trial, task, [seed], 60), range(3)))
    assert seen == ["begins", "ends"] * 3
