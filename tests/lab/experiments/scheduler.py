"""Keeps a runner's workers busy: with what a test waits for, else with what tests to come will want."""
import threading

from lab.experiments.trials import GROUP


class Foreman:
    """Draws the jobs of a run of `trials` (lab.experiments.trials) for a runner, as its workers get free.

    With `spare`, jobs that no test waits for yet, a thread of its own runs the runner, so that tests which train
    nothing go on meanwhile. Without, the caller's thread runs it, as long as the caller waits.
    """

    def __init__(self, runner, trials, spare=None):
        self.runner, self.trials, self._spare = runner, trials, spare or iter(())
        self._news = threading.Condition(threading.RLock())
        self._wanted, self._error, self._closing = None, None, False
        self._thread = threading.Thread(target=self._supervise, daemon=True) if spare else None
        if self._thread:
            self._thread.start()

    def fetch(self, wanted):
        """Return when `wanted.ended()`; raises what a trial raises.

        `wanted.jobs(rounds)` has the jobs that are worth starting now (1), or rather than to leave a worker idle (2).
        """
        with self._news:
            self._wanted = wanted
            if self._thread:
                self._news.notify_all()
                self.runner.wake()
                self._news.wait_for(lambda: self._wanted is None)
        if self._thread is None:
            self._run()
        error, self._error = self._error, None
        if error:
            raise error

    def close(self):
        """End the workers and the thread; without a thread, the next fetch starts new workers."""
        self._closing = self._thread is not None
        self.runner.close()
        if self._thread:
            with self._news:
                self._news.notify_all()
            self._thread.join(timeout=10)

    def __iter__(self):
        return self

    def __next__(self):
        """The next job, if there is one now.

        To look for one is to find trials in the store: what these end, or leave to be wanted, is asked until none is new.
        """
        with self._news:
            found = None
            while found != self.trials.found:
                found = self.trials.found
                if self._wanted and self._wanted.ended():
                    self._wanted = None
                    self._news.notify_all()
                job = None if self._closing else self._wanted_job(1) or next(self._spare, None) or self._wanted_job(2)
                if job:
                    self.trials.draw(job)
                    return job
            raise StopIteration

    def _wanted_job(self, rounds):
        return next(iter(self._wanted.jobs(rounds)), None) if self._wanted else None

    def _run(self):
        try:
            self.runner.run(self, self.trials.arrived, self.trials.crashed)
        finally:
            self.trials.forget_under_way()

    def _supervise(self):
        while not self._closing:
            error = None
            try:
                self._run()
            except Exception as raised:     # the test that waits hears of it
                error = raised
            with self._news:
                if error:
                    self._wanted, self._error = None, error
                    self._news.notify_all()
                self._news.wait_for(lambda: self._wanted or self._closing)


class GivenSeeds:
    """Wants the trials of `arms` at `seeds`."""

    def __init__(self, trials, arms, seeds, workers):
        self.trials, self.arms, self.seeds, self.workers = trials, arms, seeds, workers

    def jobs(self, rounds):
        """What may be started now."""
        return self.trials.jobs(self.arms, self.seeds, self.workers)

    def ended(self):
        """Whether all trials are there, or can't be."""
        return not self.trials.replaying and all(
            self.trials.has(arm, seed) or self.trials.lost([arm], [seed]) for arm in self.arms for seed in self.seeds)


class SeedAfterSeed(GivenSeeds):
    """Wants the first so many of `seeds` that `decide(seeds)`, a Comparison, is no more undecided.

    `count`: pairs that are complete; `comparison`: what they say.
    """

    def __init__(self, trials, arms, seeds, first, workers, decide, progress):
        super().__init__(trials, arms, seeds, workers)
        self.decide, self.progress = decide, progress
        group = min(GROUP, *(self.trials.task(arm).together or 1 for arm in arms))
        self.first, self.more = max(first, group), max(group // 2, workers // len(arms), 1)
        self.count, self.comparison, self.decided = 0, None, False

    def jobs(self, rounds):
        """Jobs of the first seeds, then so many rounds of more: work for every worker, or half a group."""
        until = self.count if self.decided else max(self.first, self.count + rounds * self.more)
        return self.trials.jobs(self.arms, self.seeds[:until], self.workers)

    def ended(self):
        """Whether the pairs decide, or there can't be more."""
        complete = self.trials.complete(self.arms, self.seeds)
        if len(complete) > self.count:
            self.count, self.comparison = len(complete), self.decide(complete)
            self.progress([arm.name for arm in self.arms], self.count, len(self.seeds), self.comparison)
            self.decided = self.comparison.verdict != "undecided" or self.count == len(self.seeds)
        lost = self.trials.lost(self.arms, self.seeds[self.count:self.count + 1])
        return not self.trials.replaying and bool(self.decided or lost)
