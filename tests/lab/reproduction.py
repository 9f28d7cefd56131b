"""Trials of the course's nets until a sequential verdict: against a published figure, or one net against another.

A network trains for minutes, so each trial is kept in the laboratory's store as soon as its batch of seeds is done. A
GPU gives slightly other weights each time, even from the same seed: a stored trial isn't run again to be compared.
"""
import statistics
from dataclasses import dataclass

import torch

from lab.course_results import RECIPES, on_devices, train_course_net
from lab.data import describe as describe_data
from lab.data import Images, load
from lab.errors import LabError, NotAvailable
from lab.statistics import Verdict, equivalence_verdict, paired_verdict
from lab.store import trial_key
from lab.timing import all_like, describe
from lab.verdict_evidence import verdict_evidence

CAP = 40                # seeds
EPOCHS = 10
METRIC = "test accuracy"
RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict}
DONE = {}               # by the trial's key, for a session whose laboratory keeps nothing


class NeedsCourseScale(NotAvailable):
    """Training takes too long for the default scale."""


class OnlyDryRun(NotAvailable):
    """Two steps were made on random pictures: they decide nothing."""


def need_course_scale(laboratory, what):
    """Raises NeedsCourseScale at the default scale; `what` says what would be trained and for how long."""
    if laboratory.scale != "course" and not laboratory.dry_run:
        raise NeedsCourseScale(f"needs --scale course: {what}")


def runs(net, seeds, laboratory, device, epochs=EPOCHS, images=None, **dry):
    """Metrics of each seed, trained on all devices of this kind where they aren't known yet.

    Raises DataMissing where CIFAR-10 isn't there. images, dry: see train_course_net.
    """
    if laboratory.dry_run:
        return two_steps(net, device)
    images = images or load("cifar10", laboratory.data_dir)
    recipe = {"net": net, "epochs": epochs, **dry}
    machine = describe(device)["device"]
    keys = {seed: trial_key(train_course_net, recipe, seed, images.sha256, machine) for seed in seeds}
    DONE.update({key: found for key in keys.values() if key not in DONE and (found := laboratory.store.get(key))})
    missing = [seed for seed in seeds if keys[seed] not in DONE]
    options = {**recipe, "data_dir": laboratory.data_dir, "images": images}
    for seed, metrics in zip(missing, on_devices(missing, all_like(device), **options)):
        DONE[keys[seed]] = metrics
        laboratory.store.put(keys[seed], net, seed, metrics)
    return [DONE[keys[seed]] for seed in seeds]


def two_steps(net, device):
    """Metrics of one seed after two steps on random pictures. Raises LabError where they end without a finite loss."""
    (metrics,) = train_course_net([0], data_dir=None, net=net, epochs=1, steps=2, batch=2, device=device,
                                  images=noise_pictures())
    if metrics["diverged"]:
        raise LabError(f"two steps of {net} on {device} end without a finite loss: look for an error in its recipe")
    return [metrics]


def noise_pictures():
    """Ten random pictures of ten classes to train on, three of them to test, in CIFAR-10's shape."""
    pixels = torch.randint(256, (10, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))
    labels = torch.arange(10)
    classes = tuple("0123456789")
    return Images("noise", pixels, labels, pixels[:3], labels[:3], classes, "random numbers", "none", "none")


def _only_dry(nets, device):
    return OnlyDryRun(f"dry run: two steps of {' and of '.join(nets)} work on {device.type}; without --dry-run it is "
                      "trained to a verdict")


@dataclass(frozen=True)
class Reproduction:
    """Differences (points of test accuracy) over seeds, the verdict on them, and seconds to the target accuracy."""

    arms: dict[str, list[float]]
    differences: list[float]
    seconds_to_target: list[float]      # of the first net's runs: training only; inf where it wasn't reached
    decision: Verdict
    rule: str
    data: dict
    recipe: dict

    @property
    def verdict(self):
        return self.decision.verdict

    def as_evidence(self):
        """Plain data for evidence.experiment."""
        return verdict_evidence(self.decision, arms=self.arms, differences=self.differences, metric=f"{METRIC}, %",
                                rule=self.rule, data=self.data, recipe=self.recipe)


def against_figure(net, figure, margin, laboratory, device, rule="equivalence", sign=1, epochs=EPOCHS, **options):
    """Is sign * (our mean accuracy - figure) within +-margin, or, by rule "gain", above it? Seeds until decided."""
    def compare(seeds, **dry):
        trials = runs(net, seeds, laboratory, device, epochs, **dry)
        values = [trial[METRIC] for trial in trials]
        return trials, {f"{net}, {epochs} epochs": values}, [sign * (value - figure) for value in values]

    recipe = {"net": net, "figure": figure, "epochs": epochs}
    return _until_decided(compare, margin, rule, laboratory, device, recipe, **options)


def against_net(net, other, margin, laboratory, device, **options):
    """Does `net` beat `other` by more than `margin` points, paired by seed? Seeds until it is decided."""
    def compare(seeds, **dry):
        trials, others = (runs(one, seeds, laboratory, device, **dry) for one in (net, other))
        pairs = [(trial[METRIC], rival[METRIC]) for trial, rival in zip(trials, others)]
        return trials, dict(zip((net, other), map(list, zip(*pairs)))), [ours - theirs for ours, theirs in pairs]

    recipe = {"net": net, "other": other, "epochs": EPOCHS}
    return _until_decided(compare, margin, "gain", laboratory, device, recipe, **options)


def _until_decided(compare, margin, rule, laboratory, device, recipe, cap=CAP, **dry):
    if laboratory.dry_run:
        compare([0])
        raise _only_dry([recipe[name] for name in ("net", "other") if name in recipe], device)
    count = step = max(3, len(all_like(device)))
    while True:
        trials, arms, differences = compare(list(range(count)), **dry)
        decision = RULES[rule](differences, margin)
        if decision.verdict != "undecided" or count >= cap:
            data = describe_data(dry.get("images") or load("cifar10", laboratory.data_dir))
            seconds = [trial["seconds to target"] for trial in trials]
            recipe = {**recipe, "optimizer": "Adam, 0.001", **describe(device)}
            return Reproduction(arms, differences, seconds, decision, rule, data, recipe)
        count = min(cap, count + step)


def spread(net, seeds, laboratory, device, **dry):
    """Standard deviation over seeds of the test accuracy, points."""
    if laboratory.dry_run:
        two_steps(net, device)
        raise _only_dry([net], device)
    return statistics.stdev(trial[METRIC] for trial in runs(net, seeds, laboratory, device, **dry))


def published_step(later, earlier):
    """Points by which the notebooks' single run of one net lies above that of another."""
    return RECIPES[later].published - RECIPES[earlier].published
