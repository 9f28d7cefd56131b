"""Is an engine that can't be had, or can't do, refused in one sentence that says what to do?"""
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import cloudpickle
import distributed
import pytest

from lab.execution.clusters import Dask, Slurm, chosen
from lab.execution.environment import EngineError, portable, there
from lab.execution.processes import Engine
from lab.execution.runner import Runner
from lab.experiments.arms import Arm, Task
from selfcheck.sample_trials import noisy


@pytest.fixture
def task(tmp_path):
    return Task(Arm("noisy", noisy, log=str(tmp_path / "log")), tmp_path, "quick", "cpu")


@pytest.mark.parametrize("option, sentence", [
    pytest.param("dusk", "choose local, dask=tcp://host:port, slurm or slurm=JOBS", id="unknown"),
    pytest.param("dask", "give the scheduler's address", id="no address"),
    pytest.param("dask=localhost:8786", "give the scheduler's address", id="no protocol"),
    pytest.param("dask=tcp://localhost:port", "give the scheduler's address", id="no number"),
    pytest.param("dask=tcp://127.0.0.1:1", "doesn't answer: start `dask scheduler`", id="no scheduler"),
    pytest.param("slurm=0", "choose local, dask=tcp://host:port, slurm or slurm=JOBS", id="no jobs"),
    pytest.param("slurm", "no `srun` here: log in where Slurm is, or use --engine local", id="no Slurm"),
])
def test_an_engine_that_can_not_be_had_is_refused_before_any_test(lecture, monkeypatch, option, sentence):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("lab.execution.clusters.CONNECT", 0.5)
    result = lecture().runpytest("--engine", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len(result.stderr.lines) <= 2 and sentence in result.stderr.str()
    assert "HOLDS" not in result.stdout.str()


@pytest.mark.parametrize("option, package", [("dask=tcp://localhost:8786", "distributed"), ("slurm", "submitit")])
def test_an_absent_package_is_named_with_its_install_line(monkeypatch, tmp_path, option, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=f"pip install {package}$"):
        chosen(option, tmp_path)


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
    monkeypatch.setattr("lab.execution.clusters.CONNECT", 0.1)
    monkeypatch.setattr(distributed, "Client", lambda *args, **kwargs: time.sleep(5))
    with pytest.raises(EngineError, match="doesn't answer"):
        Dask("tcp://localhost:8786").connect()
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())


def test_a_job_that_slurm_refuses_is_one_sentence_with_its_reason(task, monkeypatch, tmp_path):
    sbatch = tmp_path / "sbatch"
    sbatch.write_text("#!/bin/sh\necho 'sbatch: error: Invalid account' >&2\nexit 1\n")
    sbatch.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("shutil.which", lambda name: name)
    with pytest.raises(EngineError, match=r"refuses a job \(.*Invalid account\): say where in .* SBATCH_ACCOUNT"):
        Slurm(tmp_path).submit(print, task, [0], 60)


def test_a_slurm_job_has_one_core_and_three_minutes_to_spare(task, monkeypatch, tmp_path):
    job = Mock(**{"done.return_value": True, "result.return_value": ("a result", None)})
    executor = Mock(**{"submit.return_value": job})
    monkeypatch.setattr("submitit.AutoExecutor", lambda folder, cluster: executor)
    engine = Slurm(tmp_path, 2, cluster="local")
    assert engine.submit(print, task, [0], 90).result() == "a result"
    engine.close()
    executor.update_parameters.assert_called_once_with(timeout_min=2 + 3, cpus_per_task=1, name="trial")


@pytest.mark.parametrize("option, workers", [("slurm", 16), ("slurm=5", 5)])
def test_so_many_slurm_jobs_run_at_once(monkeypatch, tmp_path, option, workers):
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert chosen(option, tmp_path).workers == workers


def test_a_cluster_serves_one_runner_unless_told(tmp_path):
    address = "tcp://localhost:8786"
    assert Dask(address).sharing == chosen(f"dask={address}", tmp_path).sharing == 1
    assert chosen(f"dask={address}", tmp_path, sharing=3).sharing == 3


def test_a_worker_without_the_checkout_says_so(task, monkeypatch, tmp_path):
    monkeypatch.setattr("lab.execution.environment.TESTS", "/nowhere")
    monkeypatch.setattr("lab.execution.environment.surroundings", lambda task: {})
    worker = subprocess.run([sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)()"], cwd=tmp_path,
                            input=cloudpickle.dumps(portable(print, task, [0], 60)), capture_output=True)
    assert b"can't load its trial (No module named 'lab'): start the workers anew, with this checkout" in worker.stderr


def test_trials_take_turns_in_a_worker_of_several_threads(task, monkeypatch):
    monkeypatch.setattr("lab.execution.environment.become_worker", lambda: None)
    seen = []

    def trial(*arguments):
        seen.append("begins")
        time.sleep(0.02)
        seen.append("ends")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda seed: there({}, trial, task, [seed], None), range(3)))
    assert seen == ["begins", "ends"] * 3


@pytest.mark.parametrize("sharing, crashed", [(3, 0), (1, 1)])
def test_where_other_runners_may_go_first_a_trial_may_wait(task, sharing, crashed):
    class Queue(Engine):
        workers, patience = 1, 0

        def submit(self, function, task, seeds, limit):
            return ThreadPoolExecutor(1).submit(lambda: (time.sleep(2 * limit), function(task, seeds, None))[1])

    queue = Queue()
    queue.sharing = sharing
    lost = Mock()
    Runner(time_limit=0.2, engine=queue).run([(task, [0])], Mock(), lost)
    assert lost.call_count == crashed
