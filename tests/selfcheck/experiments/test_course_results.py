"""The course's results on the CPU: their verdicts on known accuracies, their code on noise, their store."""
from contextlib import nullcontext
from functools import partial

import pytest
import torch

from benchmarks import test_course_results as results
from exercises import test_7_lenet_training as lenet
from exercises import test_9_attention_training as attention
from lab.claims.evidence import Evidence
from lab.device import MODES
from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.experiments.arms import Task
from lab.experiments.course_results import (
    METRIC,
    NeedsCourseScale,
    course_arm,
    figure,
    need_course_scale,
    need_pixels,
    single_runs,
)
from lab.experiments.laboratory import Laboratory
from lab.experiments.null_audit import NotInTheAudit, NullLaboratory
from lab.experiments.recorded import NotRecorded
from lab.experiments.store import TrialStore, trial_key
from lab.training.course_nets import RECIPES
from lab.training.course_training import train_course_net

DRY = {"data": "noise", "steps": 1, "batch": 3}


@pytest.fixture
def lab():
    """A laboratory that keeps nothing and trains in this process."""
    return Laboratory(".", "course", seeds_from=50, runner=Runner(1))


def test_the_default_scale_names_what_the_course_scale_would_train():
    with pytest.raises(NeedsCourseScale, match="needs --scale course: nine nets"):
        need_course_scale(Laboratory(None), "nine nets")
    need_course_scale(Laboratory(None, "course"), "nine nets")


def known(seeds, *, data_dir, accuracy):
    """Trials of about that accuracy, with a little spread over seeds."""
    return [{METRIC: accuracy + 0.4 * (seed % 3 - 1) + 0.1 * (int(accuracy) * seed % 2), f"{METRIC} step": 0.01}
            for seed in seeds]


@pytest.mark.parametrize("accuracy, percent, margin, rule, sign, verdict", [
    pytest.param(64.5, 64, 3, "equivalence", 1, "confirmed", id="near the figure"),
    pytest.param(71, 64, 3, "equivalence", 1, "refuted", id="far above the figure"),
    pytest.param(57, 64, 3, "equivalence", 1, "refuted", id="far below the figure"),
    pytest.param(82, 85.4, 0, "gain", -1, "confirmed", id="below, as claimed"),
    pytest.param(88, 85.4, 0, "gain", -1, "refuted", id="above, against the claim"),
])
def test_a_published_figure_is_an_arm_of_one_value(accuracy, percent, margin, rule, sign, verdict, lab):
    net = Arm("a net", known, accuracy=accuracy)
    result = lab.compare({net: sign, figure(percent): -sign}, METRIC, margin, rule, cap=40)

    assert result.verdict == verdict
    assert result.seeds == list(range(50, 50 + result.n)) and result.arms[f"{percent} %"] == [percent] * result.n


class FewSeeds:
    """A laboratory that trains on noise, one step an epoch, and ends comparisons after three pairs."""

    def __init__(self, laboratory):
        self.laboratory, self.scale = laboratory, "course"

    def compare(self, contrast, *question, cap, **options):
        return self.laboratory.compare({self.dry(arm): weight for arm, weight in contrast.items()}, *question, cap=3,
                                       **options)

    def trials(self, arm, seeds):
        return self.laboratory.trials(self.dry(arm), seeds[:3])

    def task(self, arm):
        return self.laboratory.task(self.dry(arm))

    @staticmethod
    def dry(arm):
        return Arm(arm.name, arm.trial, **arm.recipe, **DRY) if arm.trial is train_course_net else arm


@pytest.mark.parametrize("test, arguments", [
    (results.test_vgg_reaches_84_92, {"percent": 64.0}),
    (results.test_resnet_reaches_85_96, {"percent": 64.0}),
    (results.test_a_fresh_inception_stays_below_85_40, {"percent": 64.0}),
    (results.test_vgg_beats_lenet_clearly, {"net": "LeNet", "other": "Inception"}),
    (lenet.test_the_exercises_lenet_stays_below_64_percent_on_average, {"percent": 1}),
    (attention.test_attention_raises_the_accuracy_of_a_cifar_resnet, {"net": "LeNet", "other": "Inception"}),
])
def test_every_result_for_the_gpu_runs_on_the_cpu(test, arguments, lab, monkeypatch):
    """On noise, one step an epoch, three seeds: it can't hold, but everything up to the assert is done and recorded."""
    small = {"Inception": RECIPES["LeNet"]}         # ten epochs of the real one take a minute here; it has its dry run
    monkeypatch.setattr("lab.training.course_training.RECIPES", {**RECIPES, **small})
    properties = []
    with pytest.raises(AssertionError):
        test(**arguments, course_laboratory=FewSeeds(lab), evidence=Evidence(properties))
    recorded = dict(properties)

    assert recorded["experiment"]["n"] == 3 and recorded["experiment"]["metric"] == METRIC
    assert len(recorded["measured"]["value"]) == 3 and len(recorded["figure"]["x"]) in {1, 10}


@pytest.mark.parametrize("lossy, told", [
    pytest.param("JPEG", "with JPEG copies of CIFAR-10; those in --data-dir are others", id="JPEG copies"),
    pytest.param("", None, id="pixels as they were"),
])
def test_a_claim_about_compressed_images_is_not_decided_by_others(lossy, told, lab):
    with pytest.raises(NeedsCourseScale, match=told) if told else nullcontext():
        need_pixels(FewSeeds(lab), course_arm("LeNet"), lossy, "ten nets")      # on noise, which nobody compressed


class Known:
    """Known accuracies of the first seeds, and no others."""

    def __init__(self, seeds=8):
        self.seeds = seeds

    def trials(self, arm, seeds):
        if len(seeds) > self.seeds:
            raise NotRecorded("missing")
        return known(seeds, data_dir=".", accuracy={"VGG": 84.92, "LeNet": 64.0}[arm.recipe["net"]])


def test_the_spread_of_seeds_is_that_of_single_runs():
    properties = []
    with pytest.raises(AssertionError):
        results.test_the_last_steps_are_within_the_spread_of_seeds("VGG", "LeNet", Known(), Evidence(properties))
    step, (deviation, least) = (value["value"] for name, value in properties)

    assert step == pytest.approx(20.92)
    assert deviation == pytest.approx(2**0.5 * 0.35, rel=0.15)
    assert least == pytest.approx(0.6 * deviation, rel=0.05)     # chi-squared, about 14 degrees of freedom: 36.1


@pytest.mark.parametrize("there, used", [(9, 8), (8, 8), (5, 5)])
def test_the_spread_is_told_by_the_seeds_that_there_are(there, used):
    assert len(single_runs(Known(there), "LeNet")) == used


def test_four_seeds_do_not_tell_the_spread():
    with pytest.raises(NotRecorded):
        single_runs(Known(4), "LeNet")


def test_the_audit_with_equal_arms_leaves_the_long_runs_out():
    with pytest.raises(NotInTheAudit, match="each of its nets trains for minutes or hours"):
        NullLaboratory(".", "course", runner=Runner(1)).compare(
            {course_arm("VGG"): 1, course_arm("LeNet"): -1}, METRIC, 10)


def test_a_seed_is_a_trial_of_the_laboratory(tmp_path):
    """Stored as it ends, and run again but for the seconds that it takes; with other epochs it is another trial."""
    first, again = (Laboratory(".", "course", runner=Runner(1), store=TrialStore(tmp_path / "trials.sqlite"))
                    for _ in range(2))
    arm = partial(Arm, "LeNet", train_course_net, net="LeNet", **DRY)
    trained = first.trials(arm(epochs=1), [3, 5])

    assert again.trials(arm(epochs=1), [3, 5, 7])[:2] == trained
    again.trials(arm(epochs=2), [3])
    assert (first.trained, again.found, again.trained) == (2, 2, 2)


def test_a_gpus_trials_are_kept_and_not_compared_when_found(tmp_path, monkeypatch):
    """Its kernels add in no fixed order: the same seed gives slightly other weights."""
    monkeypatch.setattr("lab.execution.environment.describe", lambda device: {"device": "a GPU"})
    kept = []
    for _ in "first", "again":
        runner = Runner(1)
        runner.engine.exact, runner.engine.device = False, "cuda"
        lab = Laboratory(".", runner=runner, store=TrialStore(tmp_path / "trials.sqlite"))
        lab.trials(Arm("a net", known, accuracy=64.0), [3, 5])
        kept.append((lab.trained, lab.found))

    assert kept == [(2, 0), (0, 2)]
    assert torch.device(lab.runner.engine.device).type == "cuda"


@pytest.mark.parametrize("net", RECIPES)
def test_a_trial_in_another_mode_is_another_trial(net, monkeypatch):
    monkeypatch.setattr(Task, "images", None)
    arm = course_arm(net)
    other = Arm(arm.name, arm.trial, **{**arm.recipe, "mode": "fp16 autocast"})
    key, others_key = (trial_key(Task(one, "nowhere", "cpu"), 0) for one in (arm, other))

    assert arm.recipe["mode"] in MODES
    assert key != others_key
