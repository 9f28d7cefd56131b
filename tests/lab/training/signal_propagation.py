"""What happens inside plain and residual nets while they train: the first layer's gradient, each layer's response."""
import math
from statistics import fmean

import torch
from torch import nn

from lab.device import one_thread
from lab.models.small.ladder import DepthLadder
from lab.training.randomness import subset
from lab.training.sgd import Lanes, _dataset

SMALLEST, LARGEST = 1e-45, 3.4e38       # of float32: what a gradient of 0 counts as, and one that exploded
SEEN = 500      # training images whose responses are measured


def watch_depth(seeds, *, data_dir, model, steps, lr, data="handwritten", batch=32, momentum=0.9,
                tested=500, **architecture):
    """Train a `model(**architecture)` of DepthLadder's kind from each seed, and watch.

    Metrics as lab.training.sgd.train_classifier, and "log10 gradient": of the norm of the loss's gradient at the first
    convolution's weights, mean over the steps; "gradient curve": that norm at each step. "responses": the standard
    deviation of the output of each 3x3 layer of the pairs, after BatchNorm and before the ReLU or the addition (He et
    al. 2016, figure 7), on SEEN training images after training; "response": their mean. "relative response": that of
    each pair's second layer, divided by the deviation of the pair's input; mean. In a diverged run what is not finite
    counts as the largest gradient, and as a response of 1, with which BatchNorm starts.
    """
    with one_thread():
        dataset, to_input = _dataset(data, data_dir)
        trials = []
        for seed in seeds:
            lanes = WatchedLanes(lambda: model(**architecture), [(seed, lr)], "plain", to_input)
            lanes.norms = []
            [metrics] = lanes.trial(dataset, None, batch, steps, momentum, tested)
            trials.append({**metrics, **lanes.seen(dataset)})
        return trials


class WatchedLanes(Lanes):
    """One lane, which notes the norm of its first layer's gradient at each step."""

    def step(self, inputs, labels):
        loss = super().step(inputs, labels)
        norm = next(self.net.parameters()).grad.norm().item() / self.rates[0]
        self.norms.append(norm if math.isfinite(norm) else LARGEST)
        return loss

    @torch.no_grad()
    def seen(self, dataset):
        """The gradient's course, and the layers' responses now."""
        responses, inputs = [], []
        hooks = [pair.branch[layer].register_forward_hook(lambda layer, _, out: responses.append(out.std().item()))
                 for pair in self.net.pairs for layer in (1, 4)]
        hooks += [pair.register_forward_pre_hook(lambda pair, maps: inputs.append(maps[0].std().item()))
                  for pair in self.net.pairs]
        self.logits(self._see(dataset.train_images, [subset(self.seeds[0], len(dataset.train_images), SEEN)]))
        for hook in hooks:
            hook.remove()
        responses, inputs = ([width if math.isfinite(width) else 1.0 for width in widths]
                             for widths in (responses, inputs))
        relative = [response / width if width else 0.0 for response, width in zip(responses[1::2], inputs)]
        return {"log10 gradient": fmean(math.log10(max(norm, SMALLEST)) for norm in self.norms),
                "gradient curve": self.norms, "responses": responses, "response": fmean(responses),
                "relative response": fmean(relative)}


class WithoutNorm(DepthLadder):
    """A ladder without BatchNorm. `he`: weights drawn with variance 2 / fan-in, instead of PyTorch's 1 / (3 fan-in)."""

    def __init__(self, depth, residual, he=False, **architecture):
        super().__init__(depth, residual, **architecture)
        for name, layer in list(self.named_modules()):
            if isinstance(layer, nn.BatchNorm2d):
                self.set_submodule(name, nn.Identity())
            elif isinstance(layer, nn.Conv2d) and he:
                nn.init.kaiming_normal_(layer.weight)
