"""Paired experiments: competing arms, each trained from the same seeds, compared until a sequential rule decides.

    PLAIN = Arm("CNN, plain pixels", train_classifier, model=ConvolutionalNet, steps=150)
    drop = laboratory.compare({PLAIN: +1, SHUFFLED: -1}, metric="test accuracy", margin=5.0)
    drop.verdict        # "confirmed" | "refuted" | "undecided"
"""
from functools import partial
from numbers import Real

from lab.data.datasets import describe
from lab.errors import WrongArgument
from lab.execution.processes import ThisProcess
from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.comparison import Comparison
from lab.experiments.scheduler import Foreman, GivenSeeds, SeedAfterSeed
from lab.experiments.store import TrialStore, named
from lab.experiments.trials import Trials
from lab.statistics.sequential import (
    NOMINAL_ALPHA,
    collapse_bound,
    earliest_verdict,
    equivalence_verdict,
    paired_verdict,
    sign_verdict,
)

__all__ = ["Arm", "Comparison", "Laboratory"]

RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict, "sign": lambda d, margin, alpha, resolution:
         sign_verdict(d, margin, alpha)}
FIRST_SEEDS = {"gain": 5, "equivalence": 8, "sign": 15}     # fewer can't decide, or hardly ever, at alpha 1e-4
SEEDS_AHEAD = FIRST_SEEDS["gain"], 8        # all comparisons need the first, most the second


class Laboratory:
    """Trains what comparisons ask for, each trial once.

    seeds_from: the first seed (0 for the declared ones, a large random number for fresh ones). progress: called with
    (arm names, seeds done, cap, comparison so far or None) as seeds are added. foreseen: arms that will be asked for,
    in this order, whose first seeds idle workers train. dry_run: see lab.experiments.course_results.
    `trained` and `found` count trials.
    """

    def __init__(self, data_dir, scale="quick", device="cpu", *, seeds_from=0, runner=None, store=None, progress=None,
                 foreseen=(), dry_run=False):
        self.data_dir, self.scale, self.device, self.seeds_from = data_dir, scale, str(device), seeds_from
        self.dry_run = dry_run
        self.runner, self.store = runner or Runner(), store or TrialStore(None)
        self.progress = progress or (lambda *event: None)
        self._trials = Trials(self.store, data_dir, scale, self.device)
        ahead = foreseen and not isinstance(self.runner.engine, ThisProcess)
        self._foreman = Foreman(self.runner, self._trials,
                                self._trials.ahead(foreseen, seeds_from, SEEDS_AHEAD) if ahead else None)

    @property
    def trained(self):
        return self._trials.trained

    @property
    def found(self):
        return self._trials.found

    def compare(self, contrast, metric, margin, rule="gain", alpha=NOMINAL_ALPHA, cap=32):
        """Is the contrast's mean above `margin` ("gain"), within +-margin ("equivalence"), its median above ("sign")?

        contrast: {arm: weight}; the difference of a seed is the weighted sum of its trials' `metric`. Seeds are added
        until the rule decides or `cap` is reached. It is asked after every pair, in the order of the seeds, so n does
        not depend on how many had been trained for other claims. Raises TrialCrashed, FlakyReplay, or what a trial
        raises (lab.data.datasets's DataMissing, for one).
        """
        if not isinstance(contrast, dict) or not all(isinstance(arm, Arm) for arm in contrast):
            raise WrongArgument(f"compare takes arms with their weights, got {contrast!r:.60}: "
                                "write {GOOD: +1, POOR: -1}")
        if rule not in RULES or not isinstance(margin, Real):
            raise WrongArgument(f"compare takes a number as margin and one of {', '.join(RULES)} as rule, got "
                                f"{margin!r:.60} and {rule!r:.60}: write margin=5.0, rule='gain'")
        if abs(sum(contrast.values())) > 1e-9 or not 1 < len(contrast) == len({arm.name for arm in contrast}):
            raise ValueError(f"{contrast}: give two or more arms of different names, with weights that add up to 0")
        asked = SeedAfterSeed(self._trials, list(contrast), self._seeds(cap), FIRST_SEEDS[rule], self.runner.workers,
                              partial(self._decide, contrast, metric, margin, rule, alpha), self.progress)
        self.progress([arm.name for arm in contrast], 0, cap, None)
        self._foreman.fetch(asked)
        self._trials.compared(contrast)
        needed = asked.count if asked.decided else asked.count + 1      # a trial lost beyond the deciding pair is no loss
        self._trials.refuse(contrast, asked.seeds[:needed], self.runner.time_limit)
        return asked.comparison

    def trials(self, arm, seeds):
        """The arm's dicts of metrics, in the order of `seeds`; trained where missing."""
        self._foreman.fetch(GivenSeeds(self._trials, [arm], seeds, self.runner.workers))
        self._trials.refuse([arm], seeds, self.runner.time_limit)
        return [self._trials[arm, seed] for seed in seeds]

    def close(self):
        """End the workers; without foreseen arms, the next trial starts new ones."""
        self._foreman.close()

    def _seeds(self, count):
        return [self.seeds_from + place for place in range(count)]

    def _decide(self, contrast, metric, margin, rule, alpha, seeds):
        trials = {arm.name: [self._trials[arm, seed] for seed in seeds] for arm in contrast}
        for name, (trial, *_) in trials.items():
            if not isinstance(trial.get(metric), Real):
                metrics = ", ".join(sorted(metric for metric, value in trial.items() if isinstance(value, Real)))
                raise WrongArgument(f"the trials of {name} have no number {metric!r:.60}: choose one of {metrics}")
        values = {name: [trial[metric] for trial in arm_trials] for name, arm_trials in trials.items()}
        weights = {arm.name: weight for arm, weight in contrast.items()}
        differences = [sum(weights[name] * values[name][i] for name in values) for i in range(len(seeds))]
        resolution = max(trial.get(f"{metric} step", 0.0) for arm_trials in trials.values() for trial in arm_trials)
        verdict = earliest_verdict(RULES[rule], differences, margin, alpha, resolution)
        n = verdict.n
        images = self._trials.task(next(iter(contrast))).images
        return Comparison(
            verdict.verdict, verdict.rule, n, verdict.mean, verdict.sd, verdict.interval, verdict.e_value,
            worst=max(differences[:n], key=abs) if rule == "equivalence" else min(differences[:n]),
            margin=margin, alpha=alpha, metric=metric, differences=differences[:n], weights=weights, seeds=seeds[:n],
            arms={name: arm_values[:n] for name, arm_values in values.items()},
            diverged={name: sum(trial.get("diverged", 0.0) > 0 for trial in arm_trials[:n])
                      for name, arm_trials in trials.items()},
            collapse_bound=collapse_bound(n, alpha),
            data=images and describe(images),
            recipe={arm.name: named(arm.recipe) for arm in contrast})
