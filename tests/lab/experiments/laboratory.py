"""Paired experiments: competing arms, each trained from the same seeds, compared until a sequential rule decides.

    PLAIN = Arm("CNN, plain pixels", train_classifier, model=ConvolutionalNet, steps=150)
    drop = laboratory.compare({PLAIN: +1, SHUFFLED: -1}, metric="test accuracy", margin=5.0)
    drop.verdict        # "confirmed" | "refuted" | "undecided"

The loop that adds seeds is that of Laboratory.compare.
"""

from itertools import product
from numbers import Real

from lab.data.datasets import describe
from lab.errors import WrongArgument
from lab.execution.runner import PREFETCHED, PREFETCHED_LATER, SPECULATIVE, WAITED_FOR, Runner
from lab.experiments.arms import Arm
from lab.experiments.comparison import compared
from lab.experiments.store import TrialStore
from lab.experiments.trials import Trials
from lab.models.layers.images_last import GROUP
from lab.statistics.decisions import NOMINAL_ALPHA, RULES

FIRST_SEEDS = {"gain": 5, "equivalence": 8, "sign": 15}  # fewer can't decide, or hardly ever, at alpha 1e-4
PREFETCH = {PREFETCHED: 5, PREFETCHED_LATER: 8}  # seeds: all comparisons need the first, most the second


class Laboratory:
    """Trains what comparisons ask for, each trial once.

    seeds_from: the first seed (0 for the declared ones, a large random number for fresh ones). progress: called with
    (arm names, seeds done, cap, comparison so far or None) as seeds are added. prefetch: arms that will be asked for,
    in this order, whose first seeds idle workers train. record: called with (task, seed, metrics) of each trial.
    """

    def __init__(
        self, data_dir, scale="quick", *, seeds_from=0, runner=None, store=None, progress=None, prefetch=(), record=None
    ):
        self.scale, self.seeds_from = scale, seeds_from
        self.runner, self.store = runner or Runner(), store or TrialStore(None)
        self.progress = progress or (lambda *event: None)
        self._trials = Trials(self.store, data_dir, self.runner.engine, record)
        if prefetch and self.runner.engine.ahead:
            for urgency, count in PREFETCH.items():
                self.runner.put(urgency, self._trials, self._trials.first_jobs(prefetch, seeds_from, count))

    @property
    def trained(self):
        """How many trials this run trained."""
        return self._trials.trained

    @property
    def found(self):
        """How many trials the store had."""
        return self._trials.found

    def compare(self, contrast, metric, margin, rule="gain", alpha=NOMINAL_ALPHA, cap=32):
        """Is the contrast's mean above `margin` ("gain"), within +-margin ("equivalence"), its median above ("sign")?

        contrast: {arm: weight}; the difference of a seed is the weighted sum of its trials' `metric`. Seeds are added
        until the rule decides or `cap` is reached. It is asked after every pair, in the order of the seeds, so n does
        not depend on how many had been trained for other claims. Raises TrialCrashed, FlakyReplay, or what a trial
        raises (lab.data's DataMissing, for one).
        """
        check(contrast, margin, rule)
        arms, seeds = list(contrast), [self.seeds_from + place for place in range(cap)]
        names, pairs, comparison = [arm.name for arm in arms], 0, None
        self.progress(names, pairs, cap, None)
        try:
            while comparison is None or comparison.verdict == "undecided" and pairs < cap:
                self._order(arms, seeds, pairs, FIRST_SEEDS[rule])
                self._wait_for(arms, seeds[: pairs + 1])
                pairs = self._trials.complete(arms, seeds)
                trials = {arm: [self._trials[arm, seed] for seed in seeds[:pairs]] for arm in arms}
                comparison = compared(contrast, trials, metric, margin, rule, alpha, seeds[:pairs], self._data(arms))
                self.progress(names, pairs, cap, comparison)
        finally:
            self._order_no_more(arms)
        return comparison

    def task(self, arm):
        """The arm with this laboratory's data folder and device."""
        return self._trials.task(arm)

    def trials(self, arm, seeds):
        """The arm's dicts of metrics, in the order of `seeds`; trained where missing."""
        self.runner.put(WAITED_FOR, self._trials, self._trials.jobs([arm], seeds))
        self._wait_for([arm], seeds)
        return [self._trials[arm, seed] for seed in seeds]

    def close(self):
        """End the workers; the next trial starts new ones."""
        self.runner.close()

    def _order(self, arms, seeds, pairs, first):
        """Have the first seeds trained, then as many more as keep the workers busy while the next pair is awaited."""
        together = min(GROUP, *(self._trials.task(arm).together or 1 for arm in arms))
        more = max(together // 2, self.runner.workers // len(arms), 1)
        self.runner.put(WAITED_FOR, self._trials, self._trials.jobs(arms, seeds[: max(first, together, pairs + more)]))
        if self.runner.engine.ahead:
            self.runner.put(SPECULATIVE, self._trials, self._trials.jobs(arms, seeds[: pairs + 2 * more]))

    def _order_no_more(self, arms):
        """What has not begun for these arms is not needed."""
        designs = {arm.design for arm in arms}
        self.runner.drop(
            lambda job: (
                job.urgency in {WAITED_FOR, SPECULATIVE}
                or job.urgency == PREFETCHED_LATER
                and job.task.arm.design in designs
            )
        )

    def _wait_for(self, arms, seeds):
        """Return when these trials are there, and the first that the store had has been trained again; or raise."""
        self.runner.wait(lambda: self._trials.settled(arms, seeds))
        if self._trials.replay:
            self.runner.put(WAITED_FOR, self._trials, [self._trials.replay])
            self.runner.wait(lambda: self._trials.replay is None)
        for place in product(arms, seeds):
            self._trials[place]

    def _data(self, arms):
        images = self._trials.task(arms[0]).images
        return images and describe(images)


def check(contrast, margin, rule):
    """Of what a comparison is asked: raises WrongArgument, or ValueError for weights that compare nothing."""
    if not isinstance(contrast, dict) or not all(isinstance(arm, Arm) for arm in contrast):
        raise WrongArgument(
            f"compare takes arms with their weights, got {contrast!r:.60}: write {{GOOD: +1, POOR: -1}}"
        )
    if rule not in RULES or not isinstance(margin, Real):
        raise WrongArgument(
            f"compare takes a number as margin and one of {', '.join(RULES)} as rule, got "
            f"{margin!r:.60} and {rule!r:.60}: write margin=5.0, rule='gain'"
        )
    if abs(sum(contrast.values())) > 1e-9 or not 1 < len(contrast) == len({arm.name for arm in contrast}):
        raise ValueError(f"{contrast}: give two or more arms of different names, with weights that add up to 0")
