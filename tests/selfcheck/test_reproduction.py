"""The course's results on the CPU: their verdicts on known accuracies, their code on noise, their store."""
import inspect
from functools import partial

import pytest
import torch
from benchmarks import test_course_results as results
from exercises import test_7_lenet_training as lenet
from exercises import test_9_attention_training as attention

from lab import reproduction
from lab.course_results import RECIPES
from lab.evidence import Evidence
from lab.experiments import Laboratory
from lab.reproduction import NeedsCourseScale, against_figure, against_net, need_course_scale, noise_pictures, runs
from lab.store import TrialStore

CPU = torch.device("cpu")
DRY = {"images": noise_pictures(), "steps": 1, "batch": 3}


@pytest.fixture
def lab(monkeypatch):
    """A laboratory that keeps nothing, in a session that has trained nothing."""
    monkeypatch.setattr(reproduction, "DONE", {})
    return Laboratory(None, "course")


def test_the_default_scale_names_what_the_course_scale_would_train():
    with pytest.raises(NeedsCourseScale, match="needs --scale course: nine nets"):
        need_course_scale(Laboratory(None), "nine nets")
    need_course_scale(Laboratory(None, "course"), "nine nets")


@pytest.fixture
def known(monkeypatch, lab):
    """known(LeNet=64.0): every run of the net has about that accuracy, with a little spread over seeds."""
    def set_to(**accuracies):
        def trained(net, seeds, *_, **__):
            noise = [0.4 * (seed % 3 - 1) + 0.1 * (len(net) * seed % 2) for seed in seeds]
            return [{"test accuracy": accuracies[net] + one, "seconds to target": 1.0} for one in noise]
        monkeypatch.setattr(reproduction, "runs", trained)
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
    assert len(result.arms["LeNet, 10 epochs"]) == len(result.seconds_to_target) == result.decision.n


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
    (results.test_vgg_beats_lenet_clearly, {"net": "LeNet", "other": "LeNet"}),
    (lenet.test_the_exercises_lenet_reaches_64_percent, {"epochs": 10}),
    (attention.test_attention_raises_the_accuracy_of_a_cifar_resnet, {"net": "LeNet", "other": "LeNet"}),
])
def test_every_result_for_the_gpu_runs_on_the_cpu(test, arguments, lab, monkeypatch):
    """On noise, one step an epoch, three seeds: it can't hold, but everything up to the assert is done and recorded."""
    small = {"Inception": RECIPES["LeNet"]}         # ten epochs of the real one take a minute here; it has its dry run
    monkeypatch.setattr("lab.course_results.RECIPES", {**RECIPES, **small})
    for name in {"against_figure", "against_net"} & vars(inspect.getmodule(test)).keys():
        monkeypatch.setattr(inspect.getmodule(test), name, partial(getattr(reproduction, name), cap=3, **DRY))
    properties = []
    with pytest.raises(AssertionError):
        test(**arguments, laboratory=lab, device=CPU, evidence=Evidence(properties))
    (experiment,) = (value for name, value in properties if name == "experiment")

    assert experiment["n"] == 3
    assert experiment["metric"] == "test accuracy, %"


def test_a_trial_is_trained_once_and_kept(lab, tmp_path, monkeypatch):
    kept = Laboratory(None, store=TrialStore(tmp_path / "trials.sqlite"))
    first = runs("LeNet", [3, 5], kept, CPU, epochs=1, **DRY)
    monkeypatch.setattr(reproduction, "DONE", {})           # another session
    monkeypatch.setattr(reproduction, "on_devices", lambda seeds, *_, **__: [f"trained {seed}" for seed in seeds])

    assert runs("LeNet", [3, 5], kept, CPU, epochs=1, **DRY) == first
    assert runs("LeNet", [7], kept, CPU, epochs=1, **DRY) == ["trained 7"]
    assert runs("LeNet", [3], kept, CPU, epochs=2, **DRY) == ["trained 3"]


def test_every_gpu_of_the_machine_gets_its_share_of_the_seeds(lab, monkeypatch):
    """Four GPUs get four seeds, one each, before the rule is first asked."""
    gpus, asked = [torch.device("cuda", i) for i in range(4)], []

    def trained(seeds, devices, **recipe):
        asked.append((seeds, devices))
        return [{"test accuracy": 64 + 0.1 * (seed % 2), "seconds to target": 1.0} for seed in seeds]

    monkeypatch.setattr(reproduction, "on_devices", trained)
    monkeypatch.setattr(reproduction, "all_like", lambda device: gpus)
    monkeypatch.setattr(reproduction, "describe", lambda device: {"device": "a GPU"})
    against_figure("LeNet", 64, 4, lab, torch.device("cuda"), images=DRY["images"])

    assert asked[0] == ([0, 1, 2, 3], gpus)
    assert all(devices == gpus for _, devices in asked)
