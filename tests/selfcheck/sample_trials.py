"""Trials without networks, each with one bad habit, for the selfchecks of experiments, runner and store.

`log`: a file to which every try appends its seeds, a line a try.
"""
import os
import random
import sys
import time

from lab.data import load


def note(log, seeds):
    with open(log, "a", encoding="utf-8") as file:
        file.write(" ".join(map(str, seeds)) + "\n")


def tries(log):
    """The seeds of every try so far, in the order of the tries."""
    return [[int(seed) for seed in line.split()] for line in open(log, encoding="utf-8")] if os.path.exists(log) else []


def wait_until(true, seconds=100):
    """Return once `true()` is; so long without is an error."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited for {seconds} s in vain")
        time.sleep(0.02)


def noisy(seeds, *, data_dir, log, mean=0.0, spread=1.0, pause=0.0):
    """A normal score, the same for the same seed but for `mean`; takes `pause` seconds a seed."""
    note(log, seeds)
    time.sleep(pause * len(seeds))
    return [{"score": mean + spread * random.Random(seed).gauss(0, 1), "curve": [0.5, mean]} for seed in seeds]


def lasting(seeds, *, data_dir, mean=0.0, level=1.0):
    """As noisy, of a trial that says that it takes long; "seconds" are infinite below the level."""
    scores = [mean + random.Random(seed).gauss(0, 1) for seed in seeds]
    return [{"score": score, "seconds": 7.5 if score > level else float("inf")} for score in scores]


lasting.time_limit = 3600


def brightness(seeds, *, data_dir, data="mnist", mean=None):
    """The mean grey value of a data set's training images, or the one that is given; the same for each seed."""
    found = load(data, data_dir).train_images.float().mean().item() if mean is None else mean
    return [{"score": found} for _ in seeds]


def learning(seeds, *, data_dir, steps, lr, start=0.0, place=0):
    """A score that rises by `lr` a step, with a little noise of its own for each seed and `place`."""
    return [{"score": start + steps * lr + random.Random(2 * seed + place).gauss(0, 0.1)} for seed in seeds]


def dying(seeds, *, data_dir, log, fatal, mean=0.0):
    """Ends its process at one seed."""
    note(log, seeds)
    if fatal in seeds:
        os._exit(7)
    return [{"score": mean + seed} for seed in seeds]


def endless(seeds, *, data_dir, log):
    note(log, seeds)
    while True:
        time.sleep(1)


def gated(seeds, *, data_dir, log, gate, place=0):
    """Notes its process in the place of its seeds, and ends once the file `gate` is there. `place` tells arms apart."""
    note(log, [os.getpid()])
    while not os.path.exists(gate):
        time.sleep(0.02)
    return [{"score": float(seed)} for seed in seeds]


def raising(seeds, *, data_dir, log):
    note(log, seeds)
    raise ZeroDivisionError("the trial's own mistake")


def hungry(seeds, *, data_dir, log):
    """Has memory for two seeds at once."""
    note(log, seeds)
    if len(seeds) > 2:
        raise MemoryError
    return [{"score": float(seed)} for seed in seeds]


def unsteady(seeds, *, data_dir, log):
    """Gives another score each time."""
    note(log, seeds)
    return [{"score": seed + len(tries(log)) / 64} for seed in seeds]


def noted(seeds, *, log, **recipe):
    """Trains networks."""
    from lab.training.sgd import train_classifier

    note(log, seeds)
    return train_classifier(seeds, **recipe)


def run_endlessly(log):
    """In a process of its own: two workers that never end."""
    from lab.execution.runner import Runner
    from lab.experiments.arms import Arm
    from lab.experiments.laboratory import Laboratory

    print("started", flush=True)
    Laboratory(".", runner=Runner(2)).trials(Arm("endless", endless, log=log), [0, 1])


if __name__ == "__main__":
    run_endlessly(sys.argv[1])
