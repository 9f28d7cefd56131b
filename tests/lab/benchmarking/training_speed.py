"""How much sooner a seed is trained than by the notebook's loop: the same seeds both ways, in turns, in one run.

Seconds are of a process's CPU clock, on one thread, as lab.device has them: what other programs take doesn't count.
"""

import statistics
import time
from dataclasses import dataclass
from functools import partial

import torch

from lab.benchmarking.timing import uncollected
from lab.counting.multiply_adds import count_multiply_adds, count_training_multiply_adds
from lab.data.datasets import handwritten_digits
from lab.device import steady
from lab.models.layers.images_last import GROUP, seeds_at_once
from lab.training.notebook_loop import RECIPE, TWINS, notebook_trial
from lab.training.sgd import train_classifier


@dataclass(frozen=True)
class Pace:
    """Seconds a seed, of the notebook's loop and of ours, and accuracies of the same seeds, all in pairs.

    flops: of training and testing a seed, by formula, two a multiply-add.
    """

    one_core: list[tuple[float, float]]  # a pair a round
    all_cores: list[tuple[float, float]]  # ours in every worker at once: of the slowest
    accuracies: list[tuple[float, float]]  # %, a pair a seed
    flops: int

    @property
    def apart(self):
        """The largest difference of a seed's two accuracies, points."""
        return max(abs(first - second) for first, second in self.accuracies)

    def row(self, peak):
        """Plain data; peak: FLOP/s of one core."""
        notebook, ours = (statistics.median(column) for column in zip(*self.one_core))
        return {
            "seconds a seed, the notebook": notebook,
            "seconds a seed, one core": ours,
            "seconds a seed, all cores": statistics.median(taken for _, taken in self.all_cores),
            "times as fast, one core": times(self.one_core),
            "times as fast, all cores": times(self.all_cores),
            "share of the peak, the notebook": self.flops / notebook / peak,
            "share of the peak, one core": self.flops / ours / peak,
            "accuracies": self.accuracies,
        }


def times(pairs):
    """How many times the second the first is, by the fastest round of each: what else a machine does only adds."""
    first, second = map(min, zip(*pairs))
    return first / second


def pace(pool, data_dir, model, steps, tested, rounds=5):
    """Train `model` by the notebook's recipe both ways; a Pace.

    The notebook's loop runs in this process, which is all that it ever uses: a second thread gains it nothing. Ours
    runs in `pool` (a lab.execution.processes.Processes), a job of as many seeds as an experiment has, in one worker and
    then in each. Reading the data set isn't counted.
    """
    images, recipe = handwritten_digits(data_dir), dict(model=model, steps=steps, tested=tested, **RECIPE)
    together = max(rounds, min(GROUP, seeds_at_once(model)))
    notebook = partial(clocked, notebook_trial, images=images, **recipe)
    job = partial(clocked, train_classifier, list(range(together)), data_dir=data_dir, **recipe)

    def ours(workers=1):
        done = [running.result() for running in [pool.submit(job) for _ in range(workers)]]
        return max(taken for taken, _ in done) / together / workers, done[0][1]

    with steady(torch.device("cpu")):
        notebook(0), ours(pool.workers)  # to warm up
        turns = [(notebook(seed), ours(), ours(pool.workers)) for seed in range(rounds)]
    theirs, one, every = zip(*turns)
    accuracies = [(theirs[seed][1], one[seed][1][seed]["test accuracy"]) for seed in range(rounds)]
    return Pace(
        [(a, b) for (a, _), (b, _) in zip(theirs, one)],
        [(a, b) for (a, _), (b, _) in zip(theirs, every)],
        accuracies,
        trial_flops(model, steps, tested),
    )


def trial_flops(model, steps, tested):
    """FLOPs of training on `steps` batches and of testing, by the layers' formula; two a multiply-add."""
    net, image = TWINS[model](), torch.zeros(1, 1, 28, 28)
    trained = steps * RECIPE["batch"] * count_training_multiply_adds(net, image)
    return 2 * (trained + tested * count_multiply_adds(net, image))


def clocked(function, *args, **options):
    """(CPU seconds of this process, result) of a call, in which Python looks for no garbage."""
    with uncollected():
        began = time.process_time()
        result = function(*args, **options)
        return time.process_time() - began, result
