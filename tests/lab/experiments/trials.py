"""Every trial of a run: there, under way, lost, or still to be trained."""
from contextlib import suppress
from itertools import product, takewhile

from lab.errors import LabError
from lab.execution.runner import TrialCrashed
from lab.experiments.arms import Task
from lab.experiments.store import FlakyReplay

GROUP = 16      # seeds: nets that train together take a half to a third of the time a seed that they take alone


class Trials:
    """Trials by place, which is (an arm's design, seed); the store is asked once for each that the run lacks.

    `trained` and `found` count the trials that the run trained itself and that the store had. The first one that the
    store had is trained again as well, and must come out equal.
    """

    def __init__(self, store, data_dir, scale, device):
        self.store, self._surroundings = store, (data_dir, scale, device)
        self.trained, self.found = 0, 0
        self._results, self._crashed, self._under_way, self._not_stored, self._compared = {}, set(), set(), set(), set()
        self._replay, self._flaky = None, None      # job of the trial to be compared with its result; what that showed

    def __getitem__(self, place):
        """A dict of metrics; `place`: (arm, seed)."""
        arm, seed = place
        return self._results[arm.design, seed]

    def task(self, arm):
        """The arm in this run's surroundings."""
        return Task(arm, *self._surroundings)

    def has(self, arm, seed):
        """Whether the trial's result is there."""
        return (arm.design, seed) in self._results

    def complete(self, arms, seeds):
        """The first of `seeds`, up to the first one that a trial of `arms` is missing for."""
        return list(takewhile(lambda seed: all(self.has(arm, seed) for arm in arms), seeds))

    def lost(self, arms, seeds):
        """The (arm, seed) among these whose trial crashed."""
        return [(arm, seed) for arm, seed in product(arms, seeds) if (arm.design, seed) in self._crashed]

    @property
    def replaying(self):
        """Whether a stored trial still awaits its comparison."""
        return self._replay is not None

    def refuse(self, arms, seeds, time_limit):
        """Raise what makes these trials unusable: TrialCrashed, or (once) FlakyReplay."""
        for arm, seed in self.lost(arms, seeds):
            raise TrialCrashed(f"arm {arm.name!r}, seed {seed}: its process died, or ran over the time limit of "
                               f"{time_limit:g} s, twice: run this seed alone, or raise the limit")
        flaky, self._flaky = self._flaky, None
        if flaky:
            raise flaky

    def jobs(self, arms, seeds, workers):
        """[(task, seeds)] to be trained for these, enough for all workers; seeds that train together stay together."""
        if self._replay and self._under_way.isdisjoint(_places(self._replay)):
            return [self._replay]
        tasks = {arm.design: self.task(arm) for arm in arms}.values()
        missing = {task: [seed for seed in seeds if not self._taken(task, seed)] for task in tasks}
        parts = max(1, round(workers / max(1, sum(map(bool, missing.values())))))   # for all to have work
        return [(task, part) for task in missing for part in task.split(missing[task], parts)]

    def ahead(self, arms, seeds_from, counts):
        """Jobs for workers who have nothing else to do: each arm's first seeds, if nobody has taken them by then.

        counts: of seeds, at first and then, for arms that have not been compared meanwhile; nets that train together
        have a group of theirs.
        """
        for count, arm in product(counts, arms):
            if count > counts[0] and arm.design in self._compared:
                continue
            with suppress(LabError):            # the test that needs the arm will say so
                task = Foreseen(arm, *self._surroundings)
                first = [seeds_from + place for place in range(max(count, min(GROUP, task.together or 1)))]
                for part in task.split(first, parts=1):
                    left = [seed for seed in part if not self._taken(task, seed)]
                    if left:
                        yield task, left

    def compared(self, arms):
        """A comparison has all trials of these that it needs."""
        self._compared |= {arm.design for arm in arms}

    def draw(self, job):
        """A runner takes the job."""
        self._under_way |= _places(job)

    def arrived(self, task, seed, result):
        """A runner has the result; None if a foreseen trial failed, which the test that needs it has trained again."""
        place = task.arm.design, seed
        self._under_way.discard(place)
        if self._replay and place in _places(self._replay):
            self._flaky, self._replay = _difference(task, seed, self._results[place], result), None
        elif result is not None:
            self.store.put(task.key(seed), task.arm.name, seed, result)
            self._results[place] = result
            self.trained += 1

    def crashed(self, task, seed):
        """A runner has lost the trial for good."""
        place = task.arm.design, seed
        self._under_way.discard(place)
        self._crashed.add(place)
        if self._replay and place in _places(self._replay):
            self._replay = None

    def forget_under_way(self):
        """A runner has ended without finishing what it drew."""
        self._under_way.clear()

    def _taken(self, task, seed):
        """Whether the trial is there, under way or lost."""
        place = task.arm.design, seed
        if place in self._results or place in self._under_way or place in self._crashed:
            return True
        stored = None if place in self._not_stored else self.store.get(task.key(seed))
        if stored is None:
            self._not_stored.add(place)
            return False
        self._results[place] = stored
        self.found += 1
        if self.found == 1:
            self._replay = self.task(task.arm), [seed]      # never as a foreseen one, whose errors nobody hears
        return True


class Foreseen(Task):
    """A task that nobody waits for: what goes wrong is left to the test that does."""

    def run(self, seeds):
        try:
            return super().run(seeds)
        except Exception:
            return [None] * len(seeds)


def _places(job):
    task, seeds = job
    return {(task.arm.design, seed) for seed in seeds}


def _difference(task, seed, stored, result):
    """FlakyReplay where a trial that was run again gave another result than the stored one."""
    names = [name for name in stored if stored[name] != result.get(name) and "seconds" not in name]     # as measured
    if not names:
        return None
    return FlakyReplay(f"arm {task.arm.name!r}, seed {seed}: run again, the stored trial gave another {names[0]}: "
                       "run with --fresh, and find what its trial depends on besides its key")
