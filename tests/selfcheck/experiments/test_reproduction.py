"""The course's results on the CPU: their verdicts on known accuracies, their code on noise, their store."""
import inspect
from functools import partial

import pytest
import torch
from exercises import test_7_lenet_training as lenet
from exercises import test_9_attention_training as attention

from benchmarks import test_course_results as results
from lab.claims.evidence import Evidence
from lab.execution.runner import Runner
from lab.experiments import course_results
from lab.experiments.course_results import (
    NeedsCourseScale,
    NotInTheAudit,
    against_figure,
    against_net,
    need_course_scale,
    runs,
)
from lab.experiments.laboratory import Laboratory
from lab.experiments.null_audit import NullLaboratory
from lab.experiments.store import TrialStore
from lab.training.course_nets import RECIPES

CPU = torch.device("cpu")
DRY = {"data": "noise", "steps": 1, "batch": 3}


@pytest.fixture
def lab(monkeypatch):
    """A laboratory that keeps nothing and trains in this process, in a session that has trained nothing."""
    monkeypatch.setattr(course_results, "DONE", {})
    return Laboratory(".", "course", seeds_from=50, runner=Runner(1))


def test_the_default_scale_names_what_the_course_scale_would_train():
    with pytest.raises(NeedsCourseScale, match="needs --scale course: nine nets"):
        need_course_scale(Laboratory(None), "nine nets")
    need_course_scale(Laboratory(None, "course"), "nine nets")


def metrics(accuracy):
    return {"test accuracy": accuracy, "test accuracy step": 0.01, "seconds to target": 1.0, "diverged": 0.0}


@pytest.fixture
def known(monkeypatch, lab):
    """known(LeNet=64.0): every run of the net has about that accuracy, with a little spread over seeds."""
    def set_to(**accuracies):
        def trained(net, seeds, *_, **__):
            noise = [0.4 * (seed % 3 - 1) + 0.1 * (len(net) * seed % 2) for seed in seeds]
            return [metrics(accuracies[net] + one) for one in noise]
        monkeypatch.setattr(course_results, "runs", trained)
        return lab
    return set_to


@pytest.mark.parametrize("accuracy, figure, margin, rule, sign, verdict", [
    pytest.param(64.5, 64, 3, "equivalence", 1, "confirmed", id="near the figure"),
    pytest.param(71, 64, 3, "equivalence", 1, "refuted", id="far above the figure"),
    pytest.param(57, 64, 3, "equivalence", 1, "refuted", id="far below the figure"),
    pytest.param(82, 85.4, 0, "gain", -1, "confirmed", id="below, as claimed"),
    pytest.param(88, 85.4, 0, "gain", -1, "refuted", id="above, against the claim"),
])
def test_known_accuracies_get_their_verdict(accuracy, figure, margin, rule, sign, verdict, known):
    result = against_figure("LeNet", figure, margin, known(LeNet=accuracy), CPU, rule=rule, sign=sign, **DRY)

    assert result.verdict == verdict
    assert result.seeds == list(range(50, 50 + result.decision.n))
    assert len(result.trials["LeNet, 10 epochs"]) == len(result.seconds_to_target) == result.decision.n


@pytest.mark.parametrize("vgg, verdict", [(85.0, "confirmed"), (70.0, "refuted")])
def test_a_net_must_win_by_the_margin(vgg, verdict, known):
    assert against_net("VGG", "LeNet", 10, known(LeNet=64.0, VGG=vgg), CPU, **DRY).verdict == verdict


def test_the_spread_of_seeds_is_that_of_single_runs(known):
    properties = []
    with pytest.raises(AssertionError):
        results.test_the_last_steps_are_within_the_spread_of_seeds(
            "VGG", "LeNet", known(VGG=84.92, LeNet=64.0), CPU, Evidence(properties))
    step, deviation = (value["value"] for name, value in properties)

    assert step == pytest.approx(20.92)
    assert deviation == pytest.approx(2**0.5 * 0.35, rel=0.15)


@pytest.mark.parametrize("test, arguments", [
    (results.test_lenet_reaches_64, {"epochs": 10}),
    (results.test_vgg_reaches_84_92, {"epochs": 1}),
    (results.test_resnet_reaches_85_96, {"epochs": 1}),
    (results.test_a_fresh_inception_stays_below_85_40, {"figure": 64.0}),
    (results.test_vgg_beats_lenet_clearly, {"net": "LeNet", "other": "Inception"}),
    (lenet.test_the_exercises_lenet_reaches_64_percent, {"epochs": 10}),
    (attention.test_attention_raises_the_accuracy_of_a_cifar_resnet, {"net": "LeNet", "other": "Inception"}),
])
def test_every_result_for_the_gpu_runs_on_the_cpu(test, arguments, lab, monkeypatch):
    """On noise, one step an epoch, three seeds: it can't hold, but everything up to the assert is done and recorded."""
    small = {"Inception": RECIPES["LeNet"]}         # ten epochs of the real one take a minute here; it has its dry run
    monkeypatch.setattr("lab.training.course_nets.RECIPES", {**RECIPES, **small})
    for name in {"against_figure", "against_net"} & vars(inspect.getmodule(test)).keys():
        monkeypatch.setattr(inspect.getmodule(test), name, partial(getattr(course_results, name), cap=3, **DRY))
    properties = []
    with pytest.raises(AssertionError):
        test(**arguments, laboratory=lab, device=CPU, evidence=Evidence(properties))
    (experiment,) = (value for name, value in properties if name == "experiment")

    assert experiment["n"] == 3
    assert experiment["metric"] == "test accuracy, %"


def test_the_audit_with_equal_arms_leaves_the_long_runs_out():
    with pytest.raises(NotInTheAudit, match="each of its nets trains for minutes or hours"):
        against_net("VGG", "LeNet", 10, NullLaboratory(".", "course", runner=Runner(1)), CPU)


def test_on_the_cpu_a_seed_is_a_trial_of_the_laboratory(tmp_path):
    """Stored as it ends, and run again but for the seconds that it takes."""
    first, again = (Laboratory(".", "course", runner=Runner(1), store=TrialStore(tmp_path / "trials.sqlite"))
                    for _ in range(2))
    trained = runs("LeNet", [3, 5], first, CPU, epochs=1, **DRY)

    assert runs("LeNet", [3, 5, 7], again, CPU, epochs=1, **DRY)[:2] == trained
    assert (first.trained, again.found, again.trained) == (2, 2, 1)


@pytest.fixture
def gpus(monkeypatch):
    """Four GPUs that train nothing; what they were asked for."""
    devices, asked = [torch.device("cuda", i) for i in range(4)], []

    def trained(seeds, on, **recipe):
        asked.append((seeds, on, recipe["epochs"]))
        return [metrics(64 + 0.1 * (seed % 2)) for seed in seeds]

    monkeypatch.setattr(course_results, "on_devices", trained)
    monkeypatch.setattr(course_results, "all_like", lambda device: devices)
    monkeypatch.setattr(course_results, "describe", lambda device: {"device": "a GPU"})
    return devices, asked


def test_a_gpus_trial_is_trained_once_and_kept(gpus, tmp_path, monkeypatch):
    """In another session too; and with other epochs it is another trial."""
    kept = Laboratory(".", store=TrialStore(tmp_path / "trials.sqlite"), runner=Runner(1))
    for seeds, epochs in (([3, 5], 1), ([3, 5, 7], 1), ([3], 2)):
        monkeypatch.setattr(course_results, "DONE", {})
        runs("LeNet", seeds, kept, torch.device("cuda"), epochs=epochs, **DRY)

    assert [(seeds, epochs) for seeds, _, epochs in gpus[1]] == [([3, 5], 1), ([7], 1), ([3], 2)]


def test_every_gpu_of_the_machine_gets_a_seed_at_a_time(gpus, lab):
    """Four GPUs get four seeds before the rule is first asked, and what they return is kept before the next four."""
    devices, asked = gpus
    against_figure("LeNet", 64, 4, lab, torch.device("cuda"), data="noise")

    assert asked[0] == ([50, 51, 52, 53], devices, 10)
    assert all(len(seeds) == 4 and on == devices for seeds, on, _ in asked)
