"""Trials of the course's nets until a sequential verdict: against a published figure, or one net against another.

On the CPU they are trials of the laboratory like any other. On GPUs, each of which trains a seed at a time, they are
kept in its store as well; but a GPU gives slightly other weights each time, even from the same seed, so a stored trial
isn't run again to be compared.
"""
from dataclasses import dataclass
from statistics import stdev

from lab.data.datasets import describe as describe_data
from lab.data.datasets import load
from lab.device import all_like, describe
from lab.errors import LabError, NotAvailable
from lab.experiments.arms import Arm
from lab.experiments.curves import banded
from lab.experiments.null_audit import NullLaboratory
from lab.experiments.store import trial_key
from lab.statistics.sequential import (
    NOMINAL_ALPHA,
    Verdict,
    collapse_bound,
    earliest_verdict,
    equivalence_verdict,
    paired_verdict,
)
from lab.statistics.verdict_evidence import verdict_evidence
from lab.training.course_nets import RECIPES, on_devices, train_course_net

CAP = 40                # seeds
EPOCHS = 10
METRIC = "test accuracy"
RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict}
DONE = {}               # by the trial's key, for a session whose laboratory keeps nothing


class NeedsCourseScale(NotAvailable):
    """Training takes too long for the default scale."""


class OnlyDryRun(NotAvailable):
    """Two steps were made on random pictures: they decide nothing."""


class NotInTheAudit(NotAvailable):
    """A net trains for too long to be compared with itself."""


def need_course_scale(laboratory, what):
    """Raises NeedsCourseScale at the default scale; `what` says what would be trained and for how long."""
    if laboratory.scale != "course" and not laboratory.dry_run:
        raise NeedsCourseScale(f"needs --scale course: {what}")


def runs(net, seeds, laboratory, device, epochs=EPOCHS, data="cifar10", **dry):
    """Metrics of each seed, in their order: the CPU's from the laboratory, a GPU's from all that the machine has.

    Raises DataMissing where CIFAR-10 isn't there. data, dry: see train_course_net.
    """
    if laboratory.dry_run:
        return two_steps(net, device)
    recipe = {"net": net, "epochs": epochs, "data": data, **dry}
    if device.type == "cpu":
        return laboratory.trials(Arm(f"{net}, {epochs} epochs", train_course_net, **recipe), seeds)
    images, machine, devices = load(data, laboratory.data_dir), describe(device)["device"], all_like(device)
    keys = {seed: trial_key(train_course_net, recipe, seed, images.sha256, machine) for seed in seeds}
    DONE.update({key: found for key in keys.values() if key not in DONE and (found := laboratory.store.get(key))})
    missing = [seed for seed in seeds if keys[seed] not in DONE]
    for at_once in (missing[start:start + len(devices)] for start in range(0, len(missing), len(devices))):
        for seed, metrics in zip(at_once, on_devices(at_once, devices, data_dir=laboratory.data_dir, **recipe)):
            DONE[keys[seed]] = metrics
            laboratory.store.put(keys[seed], net, seed, metrics)
    return [DONE[keys[seed]] for seed in seeds]


def two_steps(net, device):
    """Metrics of one seed after two steps on random pictures. Raises LabError where they end without a finite loss."""
    (metrics,) = train_course_net([0], data_dir=".", net=net, epochs=1, steps=2, batch=2, data="noise", device=device)
    if metrics["diverged"]:
        raise LabError(f"two steps of {net} on {device} end without a finite loss: look for an error in its recipe")
    return [metrics]


def _only_dry(nets, device):
    return OnlyDryRun(f"dry run: two steps of {' and of '.join(nets)} work on {device.type}; without --dry-run it is "
                      "trained to a verdict")


@dataclass(frozen=True)
class Reproduction:
    """Trials over seeds, the differences of their test accuracies (points), and the verdict on these.

    trials: {arm: its metrics, one dict a seed}.
    """

    trials: dict[str, list[dict]]
    differences: list[float]
    seeds: list[int]
    decision: Verdict
    data: dict
    recipe: dict
    metric = f"{METRIC}, %"

    @property
    def verdict(self):
        return self.decision.verdict

    @property
    def interval(self):
        return self.decision.interval

    def of(self, metric):
        """{arm: the metric's values, one a seed}."""
        return {name: [trial[metric] for trial in trials] for name, trials in self.trials.items()}

    @property
    def seconds_to_target(self):
        """Of the first arm's runs: training only; inf where it wasn't reached."""
        return next(iter(self.of("seconds to target").values()))

    def curves(self):
        """Accuracy in evaluation mode after each epoch, mean and range over the seeds: data of a figure of lines."""
        by_epoch = {name: list(zip(*runs)) for name, runs in self.of("accuracy curve").items()}
        return {"x": list(range(1, self.recipe["epochs"] + 1)), "xlabel": "epochs", "ylabel": "test accuracy, %",
                **banded(by_epoch)}

    def as_evidence(self):
        """Plain data for evidence.experiment."""
        told = verdict_evidence(self.decision, arms=self.of(METRIC), differences=self.differences, metric=self.metric,
                                rule=self.decision.rule, data=self.data, recipe=self.recipe, seeds=self.seeds)
        diverged = {name: int(sum(runs)) for name, runs in self.of("diverged").items()}
        return {**told, "diverged": diverged, "collapse_bound": collapse_bound(self.decision.n)}


def against_figure(net, figure, margin, laboratory, device, rule="equivalence", sign=1, epochs=EPOCHS, **options):
    """Is sign * (our mean accuracy - figure) within +-margin, or, by rule "gain", above it? Seeds until decided."""
    recipe, above = {"net": net, "figure": figure, "epochs": epochs}, lambda ours: sign * (ours - figure)
    return _until_decided([net], above, margin, rule, laboratory, device, recipe, **options)


def against_net(net, other, margin, laboratory, device, **options):
    """Does `net` beat `other` by more than `margin` points, paired by seed? Seeds until it is decided."""
    recipe = {"net": net, "other": other, "epochs": EPOCHS}
    return _until_decided([net, other], float.__sub__, margin, "gain", laboratory, device, recipe, **options)


def _until_decided(nets, difference, margin, rule, laboratory, device, recipe, cap=CAP, **options):
    """A Reproduction; like Laboratory.compare it asks the rule after every seed, in order, however many run at once."""
    if laboratory.dry_run:
        for net in nets:
            two_steps(net, device)
        raise _only_dry(nets, device)
    if isinstance(laboratory, NullLaboratory):
        raise NotInTheAudit("not part of the audit with equal arms: each of its nets trains for minutes or hours")
    names = nets if len(nets) > 1 else [f"{nets[0]}, {recipe['epochs']} epochs"]
    laboratory.progress(names, 0, cap, None)
    step = laboratory.runner.workers if device.type == "cpu" else len(all_like(device))
    for count in range(max(3, step), cap + step, step):
        seeds = [laboratory.seeds_from + place for place in range(min(count, cap))]
        trials = {name: runs(net, seeds, laboratory, device, recipe["epochs"], **options)
                  for name, net in zip(names, nets)}
        differences = [difference(*(trial[METRIC] for trial in pair)) for pair in zip(*trials.values())]
        resolution = max(trial[f"{METRIC} step"] for trial in trials[names[0]])
        decision = earliest_verdict(RULES[rule], differences, margin, NOMINAL_ALPHA, resolution)
        n = decision.n
        result = Reproduction({name: of_arm[:n] for name, of_arm in trials.items()}, differences[:n], seeds[:n],
                              decision, describe_data(load(options.get("data", "cifar10"), laboratory.data_dir)),
                              {**recipe, "optimizer": "Adam, 0.001", **describe(device)})
        laboratory.progress(names, n, cap, result)
        if result.verdict != "undecided":
            break
    return result


def spread(net, seeds, laboratory, device, **dry):
    """Standard deviation over seeds of the test accuracy, points."""
    if laboratory.dry_run:
        two_steps(net, device)
        raise _only_dry([net], device)
    return stdev(trial[METRIC] for trial in runs(net, seeds, laboratory, device, **dry))


def published_step(later, earlier):
    """Points by which the notebooks' single run of one net lies above that of another."""
    return RECIPES[later].published - RECIPES[earlier].published
