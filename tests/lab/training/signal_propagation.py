"""What happens inside plain and residual nets while they train: the first layer's gradient, each layer's response."""

import math
from statistics import fmean

import torch
from torch import nn

from lab.device.clock import one_thread
from lab.models.small.ladder import DepthLadder
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, side_by_side

SMALLEST, LARGEST = 1e-45, 3.4e38  # of float32: what a gradient of 0 counts as, and one that exploded
SEEN = 500  # training images whose responses are measured


@one_thread()
def watch_depth(seeds, *, data="handwritten", tested=500, **recipe):
    """Train a net of DepthLadder's kind by a WatchedRecipe from each seed, and watch.

    Metrics as lab.training.sgd.train_classifier, and "log10 gradient": of the norm of the loss's gradient at the first
    convolution's weights, mean over the steps; "gradient curve": that norm at each step. "responses": the standard
    deviation of the output of each 3x3 layer of the pairs, after BatchNorm and before the ReLU or the addition (He et
    al. 2016, figure 7), on SEEN training images after training; "change of the response": their mean now minus their
    mean before training, 0 for a net that has not learnt. In a diverged run what is not finite counts as the largest
    gradient, and as a response of 1, with which BatchNorm starts.
    """
    recipe = WatchedRecipe.of(data=data, tested=tested, **recipe)
    return [
        {**metrics, **lanes.seen()} for lanes in side_by_side(WatchedLanes, recipe, seeds) for metrics in lanes.trial()
    ]


class WatchedLanes(Lanes):
    """One lane, which notes its layers' first responses, and the norm of its first layer's gradient at each step."""

    def __init__(self, *lane):
        super().__init__(*lane)
        self.norms, self.before = [], self.responses()
        # The rate is the optimizer's here, not the loss's weight: then gradients are those of the loss, at rate 0 too.
        self.weights = torch.ones_like(self.weights)
        self.optimizer.param_groups[0]["lr"] = self.rates[0]

    def step(self, inputs, labels):
        """As `Lanes.step`."""
        loss = super().step(inputs, labels)
        norm = next(self.net.parameters()).grad.norm().item()
        self.norms.append(norm if math.isfinite(norm) else LARGEST)
        return loss

    def seen(self):
        """The gradient's course, the layers' responses now, and what became of them."""
        now = self.responses()
        return {
            "log10 gradient": fmean(math.log10(max(norm, SMALLEST)) for norm in self.norms),
            "gradient curve": self.norms,
            "responses": now,
            "change of the response": fmean(now) - fmean(self.before),
        }

    @torch.no_grad()
    def responses(self):
        """Standard deviations of the layers' outputs, as the net is now."""
        widths = []
        hooks = [
            pair.branch[layer].register_forward_hook(lambda layer, _, out: widths.append(out.std().item()))
            for pair in self.net.pairs
            for layer in (1, 4)
        ]
        self.logits(self.inputs([self.dataset.train_images[kept[:SEEN]] for kept in self.subsets]))
        for hook in hooks:
            hook.remove()
        return [width if math.isfinite(width) else 1.0 for width in widths]


class WithoutNorm(DepthLadder):
    """A ladder without BatchNorm. `he`: weights drawn with variance 2 / fan-in, instead of PyTorch's 1 / (3 fan-in)."""

    def __init__(self, depth, residual, he=False, **architecture):
        super().__init__(depth, residual, **architecture)
        for name, layer in list(self.named_modules()):
            if isinstance(layer, nn.BatchNorm2d):
                self.set_submodule(name, nn.Identity())
            elif isinstance(layer, nn.Conv2d) and he:
                nn.init.kaiming_normal_(layer.weight)
