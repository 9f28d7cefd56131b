"""Training with auxiliary heads, whose losses are added to the main one's."""
from statistics import fmean

from lab.device import one_thread
from lab.models.inception import loss_with_heads
from lab.training.sgd import Lanes, _dataset, cross_entropies


def train_with_heads(seeds, *, data_dir, model, steps, lr, head_weight, data="handwritten", batch=32,
                     momentum=0.9, tested=0, **architecture):
    """Train `model(**architecture)` on its main loss plus `head_weight` times that of each head, from each seed.

    Metrics as sgd.train_classifier, and "mean loss", over all steps: the lower, the faster it fell. Losses and
    accuracies are the main classifier's alone.
    """
    with one_thread():
        dataset, to_input = _dataset(data, data_dir)
        trials = []
        for seed in seeds:
            lanes = HeadedLanes(lambda: model(**architecture), [(seed, lr)], "plain", to_input)
            lanes.head_weight = head_weight
            [metrics] = lanes.trial(dataset, None, batch, steps, momentum, tested)
            trials.append({**metrics, "mean loss": fmean(metrics["loss curve"])})
        return trials


class HeadedLanes(Lanes):
    """One lane, which leads the weighted sum of losses down and records the main one."""

    def losses(self, inputs, labels):
        main, *heads = self.net(inputs[0][0], heads=True)
        loss = loss_with_heads([main, *heads], labels[0], self.head_weight)
        return loss[None], cross_entropies(main.detach()[None], labels)
