"""Paired experiments: competing arms, each trained from the same seeds, compared until a sequential rule decides.

    PLAIN = Arm("CNN, plain pixels", train_classifier, model=ConvolutionalNet, steps=150)
    drop = laboratory.compare({PLAIN: +1, SHUFFLED: -1}, metric="test accuracy", margin=5.0)
    drop.verdict        # "confirmed" | "refuted" | "undecided"
"""
from functools import partial
from itertools import product, takewhile

from lab.arms import Arm, Task
from lab.comparison import Comparison
from lab.data import describe
from lab.runner import Runner, TrialCrashed
from lab.statistics import NOMINAL_ALPHA, collapse_bound, equivalence_verdict, paired_verdict, sign_verdict
from lab.store import FlakyReplay, TrialStore, named

__all__ = ["Arm", "Comparison", "Laboratory"]

RULES = {"gain": paired_verdict, "equivalence": equivalence_verdict, "sign": lambda d, margin, alpha, resolution:
         sign_verdict(d, margin, alpha)}
FIRST_SEEDS = {"gain": 5, "equivalence": 8, "sign": 15}     # fewer can't decide, or hardly ever, at alpha 1e-4


class Laboratory:
    """Trains what comparisons ask for, each trial once.

    seeds_from: the first seed (0 for the declared ones, a large random number for fresh ones). progress: called with
    (arm names, seeds done, cap, comparison so far or None) as seeds are added. dry_run: see lab.reproduction. `trained`
    and `found` count trials.
    """

    def __init__(self, data_dir, scale="quick", device="cpu", *, seeds_from=0, runner=None, store=None, progress=None,
                 dry_run=False):
        self.data_dir, self.scale, self.device, self.seeds_from = data_dir, scale, str(device), seeds_from
        self.dry_run = dry_run
        self.runner, self.store = runner or Runner(), store or TrialStore(None)
        self.progress = progress or (lambda *event: None)
        self.trained, self.found, self._to_replay = 0, 0, []
        self._results, self._crashed = {}, set()        # by (design, seed)

    def compare(self, contrast, metric, margin, rule="gain", alpha=NOMINAL_ALPHA, cap=32):
        """Is the contrast's mean above `margin` ("gain"), within +-margin ("equivalence"), its median above ("sign")?

        contrast: {arm: weight}; the difference of a seed is the weighted sum of its trials' `metric`. Seeds are added
        until the rule decides or `cap` is reached. It is asked after every pair, in the order of the seeds, so n does
        not depend on how many had been trained for other claims. Raises TrialCrashed, FlakyReplay, or what a trial
        raises (lab.data's DataMissing, for one).
        """
        if abs(sum(contrast.values())) > 1e-9 or not 1 < len(contrast) == len({arm.name for arm in contrast}):
            raise ValueError(f"{contrast}: give two or more arms of different names, with weights that add up to 0")
        look = partial(self._so_far, contrast, cap, partial(self._decide, contrast, metric, margin, rule, alpha))
        while True:
            self._run(self._seed_after_seed(contrast, look, FIRST_SEEDS[rule], cap))
            count, comparison, ended = look()
            if ended:
                return comparison
            self._refuse_crashed(contrast, self._seeds(0, count + 1))

    def _so_far(self, contrast, cap, decide):
        """(number of the first seeds whose trials are all there, their comparison or None, whether it ends there)."""
        complete = list(takewhile(lambda seed: all((arm.design, seed) in self._results for arm in contrast),
                                  self._seeds(0, cap)))
        comparison = decide(complete) if complete else None
        self.progress([arm.name for arm in contrast], len(complete), cap, comparison)
        return len(complete), comparison, len(complete) == cap or bool(complete) and comparison.verdict != "undecided"

    def _seed_after_seed(self, contrast, look, first, cap):
        """The comparison's jobs, drawn one by one as workers get free, until the pairs that are complete decide.

        So no worker waits for the last trial of a round, and at most one round is trained in vain.
        """
        asked = 0
        while True:
            count, _, ended = look()
            more = self._more(contrast, count)
            if ended or count < asked - more:
                return
            until = min(cap, max(first, max(asked, count) + more))
            yield from self._jobs(contrast, self._seeds(asked, until))
            asked = until

    def trials(self, arm, seeds):
        """The arm's dicts of metrics, in the order of `seeds`; trained where missing."""
        self._run(self._jobs([arm], seeds))
        self._refuse_crashed([arm], seeds)
        return [self._results[arm.design, seed] for seed in seeds]

    def close(self):
        """End the workers; the next trial starts new ones."""
        self.runner.close()

    def _more(self, contrast, count):
        """Seeds to add next: work for every worker, and for nets that train together a group that pays."""
        alone = all(self._task(arm).together == 1 for arm in contrast)
        return max(1, self.runner.workers // len(contrast), 0 if alone else count // 3)

    def _jobs(self, arms, seeds):
        """What neither this run nor the store has, for the runner; seeds that train together stay together."""
        missing = {task: [seed for seed in seeds if not self._has(task, seed)]
                   for task in {arm.design: self._task(arm) for arm in arms}.values()}
        parts = max(1, round(self.runner.workers / max(1, sum(map(bool, missing.values())))))   # for all to have work
        return [(task, part) for task in missing for part in task.split(missing[task], parts)]

    def _run(self, jobs):
        """Train; the first trial that the store had is trained again as well, and must come out equal."""
        crashed = self.runner.run(jobs, self._arrived)
        self._crashed |= {(task.arm.design, seed) for task, seed in crashed}
        while self._to_replay:
            task, seed, stored = self._to_replay.pop()
            self.runner.run([(task, [seed])], partial(_must_equal, stored))

    def _refuse_crashed(self, arms, seeds):
        for arm, seed in product(arms, seeds):
            if (arm.design, seed) in self._crashed:
                raise TrialCrashed(f"arm {arm.name!r}, seed {seed}: its process died, or ran over the time limit of "
                                   f"{self.runner.time_limit:g} s, twice: run this seed alone, or raise the limit")

    def _seeds(self, start, stop):
        return [self.seeds_from + place for place in range(start, stop)]

    def _has(self, task, seed):
        """Whether the trial needs no training."""
        place = task.arm.design, seed
        if place not in self._results and place not in self._crashed:
            stored = self.store.get(task.key(seed))
            if stored is None:
                return False
            self._results[place] = stored
            self.found += 1
            if self.found == 1:
                self._to_replay.append((task, seed, stored))
        return True

    def _arrived(self, task, seed, result):
        self.store.put(task.key(seed), task.arm.name, seed, result)
        self._results[task.arm.design, seed] = result
        self.trained += 1

    def _decide(self, contrast, metric, margin, rule, alpha, seeds):
        trials = {arm.name: [self._results[arm.design, seed] for seed in seeds] for arm in contrast}
        values = {name: [trial[metric] for trial in arm_trials] for name, arm_trials in trials.items()}
        weights = {arm.name: weight for arm, weight in contrast.items()}
        differences = [sum(weights[name] * values[name][i] for name in values) for i in range(len(seeds))]
        resolution = max(trial.get(f"{metric} step", 0.0) for arm_trials in trials.values() for trial in arm_trials)
        for n in range(1, len(seeds) + 1):
            verdict = RULES[rule](differences[:n], margin, alpha, resolution)
            if verdict.verdict != "undecided":
                break
        images = self._task(next(iter(contrast))).images
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

    def _task(self, arm):
        return Task(arm, self.data_dir, self.scale, self.device)


def _must_equal(stored, task, seed, result):
    if result != stored:
        names = [name for name in stored if stored[name] != result.get(name)]
        raise FlakyReplay(f"arm {task.arm.name!r}, seed {seed}: run again, the stored trial gave another {names[0]}: "
                          "run with --fresh, and find what its trial depends on besides its key")
