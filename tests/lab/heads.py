"""Training with auxiliary heads, whose losses are added to the main one's."""
from statistics import fmean

import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from lab.models.inception import loss_with_heads
from lab.training import Lanes, _dataset, one_thread


def train_with_heads(seeds, *, data_dir, scale=None, model, steps, lr, head_weight, data="handwritten", batch=32,
                     momentum=0.9, tested=0, **architecture):
    """Train `model(**architecture)` on its main loss plus `head_weight` times that of each head, from each seed.

    Metrics as lab.training.train_classifier, and "mean loss", over all steps: the lower, the faster it fell. Losses and
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
    """One lane, whose gradient is that of the weighted sum of losses."""

    def gradient(self, x, y):
        params = {name: p[0].requires_grad_() for name, p in self.params.items()}
        logits = functional_call(self.net, params, (x[0],), {"heads": True})
        loss = loss_with_heads(logits, y[0], self.head_weight)
        gradients = torch.autograd.grad(loss, list(params.values()))
        main = cross_entropy(logits[0].detach(), y[0])
        return {name: gradient[None] for name, gradient in zip(params, gradients)}, main[None]
