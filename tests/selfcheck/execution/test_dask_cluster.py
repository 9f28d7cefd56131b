"""Do a cluster's trials equal this machine's, and does it lose no more than it has to? On a real Dask cluster."""
import os
import signal
import threading
import time

import pytest

from lab.execution.dask_cluster import Dask
from lab.execution.environment import EngineError
from lab.execution.runner import Runner, TrialCrashed
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from lab.experiments.store import FlakyReplay, TrialStore
from lab.models.small.shuffled import FullyConnected
from lab.training.sgd import train_classifier
from selfcheck.dask_cluster import cluster
from selfcheck.sample_trials import dying, endless, gated, noisy, raising, tries, unsteady, wait_until

TRAINED = Arm("trained", train_classifier, model=FullyConnected, steps=20, tested=101)


@pytest.fixture
def dask(dask_address):
    engine = Dask(dask_address)
    yield engine
    engine.close()


@pytest.fixture
def laboratory(tmp_path):
    def build(engine, time_limit=60, **options):
        return Laboratory(tmp_path, runner=Runner(1, time_limit, engine), **options)
    return build


def test_dask_trains_to_the_last_bit_as_this_process_does(dask, laboratory):
    there = laboratory(dask)
    assert there.runner.workers == 2
    assert there.trials(TRAINED, [0, 1, 2]) == laboratory(None).trials(TRAINED, [0, 1, 2])


def test_dask_passes_on_a_trials_own_error(dask, laboratory, log):
    with pytest.raises(ZeroDivisionError, match="the trial's own mistake"):
        laboratory(dask).trials(Arm("raising", raising, log=log), [0])


def test_a_stored_trial_is_run_again_there(dask, laboratory, log, tmp_path):
    arm, store = Arm("unsteady", unsteady, log=log), TrialStore(tmp_path / "trials.sqlite")
    laboratory(dask, store=store).trials(arm, [0])
    with pytest.raises(FlakyReplay, match="arm 'unsteady', seed 0"):
        laboratory(dask, store=store).trials(arm, [0])


@pytest.mark.parametrize("name, here, sentence", [
    pytest.param("torch.__version__", "1.0", "a worker on .* has torch .* for 1.0", id="another torch"),
    pytest.param("lab.execution.environment.code_digest", lambda modules: "new",
                 "has code .* for new .* start the workers anew", id="old code"),
])
def test_a_worker_that_would_give_other_trials_is_refused(dask, laboratory, monkeypatch, log, name, here, sentence):
    monkeypatch.setattr(name, here)
    with pytest.raises(EngineError, match=sentence):
        laboratory(dask).trials(Arm("noisy", noisy, log=log), [0])


def test_a_connection_that_closed_between_trials_is_made_again(dask, laboratory, log):
    lab, arm = laboratory(dask), Arm("noisy", noisy, log=log)
    lab.trials(arm, [0])
    dask._client.close()
    assert len(lab.trials(arm, [0, 1])) == 2


def test_a_worker_killed_in_the_middle_costs_one_try(dask, laboratory, log, tmp_path):
    gate, lab, trials = tmp_path / "gate", laboratory(dask), []
    arm = Arm("gated", gated, log=log, gate=str(gate))
    run = threading.Thread(target=lambda: trials.extend(lab.trials(arm, [5, 7])))
    run.start()
    wait_until(lambda: len(tries(log)) == 2)
    os.kill(tries(log)[0][0], signal.SIGKILL)
    gate.touch()
    run.join(30)
    assert [trial["score"] for trial in trials] == [5, 7]
    assert len(tries(log)) == 3


def test_a_trial_that_kills_every_worker_has_two_tries(dask, laboratory, log):
    lab, arm, kept = laboratory(dask), Arm("bad", dying, fatal=3, log=log), [0, 1, 2, 4]
    with pytest.raises(TrialCrashed, match="arm 'bad', seed 3: its process died"):
        lab.trials(arm, [*kept, 3])
    assert [trial["score"] for trial in lab.trials(arm, kept)] == kept
    assert sum(3 in seeds for seeds in tries(log)) == 2


def test_a_trial_over_its_time_limit_is_ended(dask, laboratory, log):
    with pytest.raises(TrialCrashed, match="time limit of 0.3 s"):
        laboratory(dask, time_limit=0.3).trials(Arm("endless", endless, log=log), [0])
    assert tries(log) == [[0], [0]]


def test_a_lost_scheduler_is_one_sentence_and_costs_no_finished_trial(laboratory, monkeypatch, tmp_path, log):
    monkeypatch.setattr("lab.execution.dask_cluster.CONNECT", 1)
    store, arm = TrialStore(tmp_path / "trials.sqlite"), Arm("noisy", noisy, log=log)
    (tmp_path / "dask").mkdir()
    with cluster(tmp_path / "dask") as (address, scheduler):
        lab = laboratory(Dask(address), store=store)
        finished = lab.trials(arm, [0, 1])
        waits = Arm("gated", gated, log=log, gate=str(tmp_path / "never"))
        threading.Thread(target=lambda: (wait_until(lambda: len(tries(log)) == 4), scheduler.kill())).start()
        with pytest.raises(EngineError, match="scheduler tcp.* doesn't answer: start `dask scheduler`"):
            lab.trials(waits, [2, 3])
        began = time.monotonic()
        with pytest.raises(EngineError, match="doesn't answer"):
            lab.trials(waits, [2, 3])
        assert time.monotonic() - began < 0.5
    assert laboratory(None, store=store).trials(arm, [0, 1]) == finished
