"""Every trial of a run: there, under way, failed, or still missing."""

from contextlib import suppress
from itertools import product, takewhile

from lab.errors import LabError
from lab.experiments.arms import Task
from lab.experiments.store import FlakyReplay, trial_key
from lab.models.layers.images_last import GROUP


class Trials:
    """Trials by place, which is (an arm's design, seed); the store is asked once for each that the run lacks.

    `trained` and `found` count the trials that the run trained itself and that the store had. The first one that the
    store had is trained again as well, and must come out equal, unless the engine is one that never gives equal bits.
    `record(task, seed, result)` hears of each.
    """

    def __init__(self, store, data_dir, engine, record=None):
        self.store, self._data_dir, self._engine, self._record = (
            store,
            data_dir,
            engine,
            record or (lambda *trial: None),
        )
        self.trained, self.found = 0, 0
        self._results, self._errors, self._under_way, self._not_stored = {}, {}, set(), set()
        self.replay, self._flaky = None, None  # the job (task, [seed]) to be compared; what that showed

    def __getitem__(self, place):
        """A dict of metrics; `place`: (arm, seed). Raises what its trial raised, or (once) FlakyReplay."""
        arm, seed = place
        flaky, self._flaky = self._flaky, None
        error = flaky or self._errors.get((arm.design, seed))
        if error:
            raise error
        return self._results[arm.design, seed]

    def task(self, arm):
        """The arm in this run's surroundings."""
        path = self.store.path if self._engine.here else None
        return Task(arm, self._data_dir, self._engine.device, path and path.with_name("checkpoints"))

    def complete(self, arms, seeds):
        """How many of the first of `seeds` have the trials of all arms."""
        return sum(1 for _ in takewhile(lambda seed: all((arm.design, seed) in self._results for arm in arms), seeds))

    def settled(self, arms, seeds):
        """Whether each of these trials is there or has failed."""
        return all(
            (arm.design, seed) in self._results or (arm.design, seed) in self._errors
            for arm, seed in product(arms, seeds)
        )

    def jobs(self, arms, seeds):
        """(task, seeds) to be trained for these, enough for all workers; seeds that train together stay together."""
        tasks = {arm.design: self.task(arm) for arm in arms}.values()
        missing = {task: self._lacking(task, seeds) for task in tasks}
        parts = max(1, round(self._engine.workers / max(1, sum(map(bool, missing.values())))))  # for all to have work
        yield from ((task, part) for task in missing for part in task.split(missing[task], parts))

    def first_jobs(self, arms, seeds_from, count):
        """(task, seeds) of each arm's first seeds, so many, or a group of nets that train together."""
        for task in map(self.task, arms):
            together = min(GROUP, task.together or 1)
            seeds = [seeds_from + place for place in range(max(count, together))]
            yield from ((task, part) for part in task.split(seeds, parts=1))

    def missing(self, task, seeds):
        """Those of `seeds` to be trained now, as a worker is about to; none where the data set can't be read."""
        if self.replay == (task, seeds):
            return [] if self._places(task, seeds) & self._under_way else seeds
        with suppress(LabError):  # the test that needs the trial will say so
            return self._lacking(task, seeds)
        return []

    def begun(self, task, seeds):
        """A worker has them."""
        self._under_way |= self._places(task, seeds)

    def interrupted(self, task, seeds):
        """The worker has lost them."""
        self._under_way -= self._places(task, seeds)

    def arrived(self, task, seeds, results):
        """The worker has a dict of metrics for each seed."""
        self.interrupted(task, seeds)
        if self.replay == (task, seeds):
            stored = self._results[task.arm.design, seeds[0]]
            self._flaky, self.replay = _difference(task, seeds[0], stored, results[0]), None
            return
        for seed, result in zip(seeds, results, strict=True):
            self.store.put(trial_key(task, seed), task.arm.name, seed, result)
            self._record(task, seed, result)
            self._results[task.arm.design, seed] = result
            self.trained += 1

    def failed(self, task, seeds, error):
        """There will be no result of these."""
        self.interrupted(task, seeds)
        if self.replay == (task, seeds):
            self._flaky, self.replay = error, None
        else:
            self._errors |= dict.fromkeys(self._places(task, seeds), error)

    def _lacking(self, task, seeds):
        return [seed for seed in seeds if not self._taken(task, seed)]

    def _taken(self, task, seed):
        """Whether the trial is there, under way or failed."""
        place = task.arm.design, seed
        if place in self._results or place in self._under_way or place in self._errors:
            return True
        stored = None if place in self._not_stored else self.store.get(trial_key(task, seed))
        if stored is None:
            self._not_stored.add(place)
            return False
        self._results[place] = stored
        self._record(task, seed, stored)
        self.found += 1
        if self.found == 1 and self._engine.exact:
            self.replay = task, [seed]
        return True

    @staticmethod
    def _places(task, seeds):
        return {(task.arm.design, seed) for seed in seeds}


def _difference(task, seed, stored, result):
    """FlakyReplay where a trial that was run again gave another result than the stored one."""
    names = [name for name in stored if stored[name] != result.get(name) and "seconds" not in name]  # as measured
    if not names:
        return None
    return FlakyReplay(
        f"arm {task.arm.name!r}, seed {seed}: run again, the stored trial gave another {names[0]}: "
        "run with --fresh, and find what its trial depends on besides its key"
    )
