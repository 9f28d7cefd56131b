"""How many steps of training a net needs to bring its loss down to a level."""
import math

from lab.device import one_thread
from lab.training.randomness import batches, subset
from lab.training.sgd import Lanes, _dataset

WINDOW = 10     # steps over which the loss is averaged
CLASSES = 10    # a diverged run's loss is drawn as chance


def steps_to_loss(seeds, *, data_dir, model, level, steps, lr, data="handwritten", batch=32, momentum=0.9,
                  **architecture):
    """Train `model(**architecture)` for `steps` batches from each seed; when does its training loss get below `level`?

    Metrics: "steps", after which the mean loss of the last WINDOW batches is below `level` for the first time, and
    "doublings", their log2 (a difference of 1 is twice as many steps); a run that does not get there, or diverges,
    counts as `steps`. "loss curve": mean of every WINDOW batches; "arrived": 1.0 or 0.0; "diverged".
    """
    with one_thread():
        dataset, to_input = _dataset(data, data_dir)
        trials = []
        for seed in seeds:
            lanes = Lanes(lambda: model(**architecture), [(seed, lr)], "plain", to_input)
            order = batches(seed, subset(seed, len(dataset.train_images)), batch, steps)
            losses = lanes.train(dataset.train_images, dataset.train_labels, [order], momentum)[0]
            trials.append(_arrival(losses, level))
        return trials


def _arrival(losses, level):
    means = [sum(losses[end - WINDOW:end]) / WINDOW for end in range(WINDOW, len(losses) + 1)]
    arrived = next((WINDOW + i for i, mean in enumerate(means) if mean < level), None)      # no NaN is below a level
    diverged = not all(map(math.isfinite, losses))
    needed = len(losses) if arrived is None or diverged else arrived
    curve = [math.log(CLASSES) if diverged else mean for mean in means[::WINDOW]]
    return {"steps": float(needed), "doublings": math.log2(needed), "loss curve": curve,
            "arrived": float(arrived is not None and not diverged), "diverged": float(diverged)}
