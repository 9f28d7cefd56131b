"""Trials of the course's nets until a sequential verdict: against a published figure, or one net against another."""
import statistics
from dataclasses import dataclass

from lab.course_results import RECIPES, on_devices
from lab.data import describe, load
from lab.statistics import Verdict, equivalence_verdict, paired_verdict
from lab.timing import all_like
from lab.verdict_evidence import verdict_evidence

CAP = 40                # seeds
METRIC = "test accuracy"
RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict}
STORE = {}              # (net, epochs, seed): metrics; nets are compared with figures and with each other in one session


def runs(net, seeds, data_dir, device, epochs=10, **dry):
    """Metrics of each seed; trained on every device of this kind, once a session."""
    missing = [seed for seed in seeds if (net, epochs, seed) not in STORE]
    if missing:
        trained = on_devices(missing, all_like(device), data_dir=data_dir, net=net, epochs=epochs, **dry)
        STORE.update({(net, epochs, seed): metrics for seed, metrics in zip(missing, trained)})
    return [STORE[net, epochs, seed] for seed in seeds]


@dataclass(frozen=True)
class Reproduction:
    """Differences (points of test accuracy) over seeds, and the verdict on them."""

    arms: dict[str, list[float]]
    differences: list[float]
    decision: Verdict
    rule: str
    data: dict
    recipe: dict

    @property
    def verdict(self):
        return self.decision.verdict

    def as_evidence(self):
        """Plain data for evidence.experiment."""
        return verdict_evidence(self.decision, arms=self.arms, differences=self.differences, metric=METRIC + ", %",
                                rule=self.rule, data=self.data, recipe=self.recipe)


def against_figure(net, figure, margin, data_dir, device, rule="equivalence", sign=1, epochs=10, cap=CAP, **dry):
    """Seeds until it is decided whether sign * (our accuracy - figure) is within +-margin, or, by rule "gain", above it."""
    def compared(seeds):
        values = _values(net, seeds, data_dir, device, epochs, dry)
        return {f"{net}, {epochs} epochs": values}, [sign * (value - figure) for value in values]
    return _until_decided(compared, margin, rule, data_dir, device, cap, dry, net=net, epochs=epochs, figure=figure)


def against_net(net, other, margin, data_dir, device, cap=CAP, **dry):
    """Seeds until it is decided whether `net` beats `other` by more than `margin` points, paired by seed."""
    def compared(seeds):
        ours, others = (_values(one, seeds, data_dir, device, 10, dry) for one in (net, other))
        return {net: ours, other: others}, [one - two for one, two in zip(ours, others)]
    return _until_decided(compared, margin, "gain", data_dir, device, cap, dry, net=net, other=other, epochs=10)


def _values(net, seeds, data_dir, device, epochs, dry):
    return [metrics[METRIC] for metrics in runs(net, seeds, data_dir, device, epochs, **dry)]


def _until_decided(compared, margin, rule, data_dir, device, cap, dry, **recipe):
    count = step = max(3, len(all_like(device)))
    while True:
        arms, differences = compared(list(range(count)))
        decision = RULES[rule](differences, margin)
        if decision.verdict != "undecided" or count >= cap:
            data = describe(dry.get("images") or load("cifar10", data_dir))
            return Reproduction(arms, differences, decision, rule, data, {**recipe, "optimizer": "Adam, 0.001"})
        count = min(cap, count + step)


def spread(net, seeds, data_dir, device, **dry):
    """Standard deviation over seeds of the test accuracy, points."""
    return statistics.stdev(_values(net, seeds, data_dir, device, 10, dry))


def time_to_target(net):
    """Seconds to the recipe's target accuracy in evaluation mode, of each run so far; inf where it was not reached."""
    return [metrics["seconds to target"] for (name, epochs, _), metrics in STORE.items() if (name, epochs) == (net, 10)]


def published_step(later, earlier):
    """Points by which the notebooks' single run of one net lies above that of another."""
    return RECIPES[later].published - RECIPES[earlier].published
