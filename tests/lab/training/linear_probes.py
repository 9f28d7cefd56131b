"""What the layers of a trained net still know: of the image's pixels, of its class.

A probe is a linear map from a layer to what is asked, fitted on training images by ridge regression and scored on test
images by R2, the share of the variance that it explains. Each layer is first projected at random onto the same number
of dimensions: a wide layer gets no larger probe than a narrow one (G. Alain, Y. Bengio, arXiv:1610.01644).
"""

import torch
from torch.nn.functional import one_hot

from lab.device.clock import one_thread
from lab.training.randomness import stream
from lab.training.recipe import WatchedRecipe
from lab.training.sgd import Lanes, side_by_side

DIMENSIONS = 64  # of a probe
PROBED = 1000, 500  # images to fit a probe, and to score it
PENALTY = 0.01  # of the ridge regression, times the number of images; the projections have variance 1


@one_thread()
def probe_layers(seeds, *, data="handwritten", lr=0.05, **recipe):
    """Train by a WatchedRecipe (`steps` 0: not at all) from each seed, and probe each of the net's `layers`.

    Metrics: "R2 of the pixels", "R2 of the class" (lists by layer); "pixels lost", "class lost" (first layer's R2 minus
    the last's), "class gained" (last minus first); "diverged". A diverged run counts as having R2 0.
    """
    recipe = WatchedRecipe.of(data=data, lr=lr, **recipe)
    return [_probe(lanes) for lanes in side_by_side(Lanes, recipe, seeds)]


def _probe(lane):
    """Train the only net of `lane`, and measure."""
    lane.train()
    net, data = lane.net, lane.dataset
    if lane.diverged:
        nothing = [0.0] * len(net.layers)
        return {**_metrics(nothing, nothing), "diverged": 1.0}
    train, tested = lane.subsets[0][: PROBED[0]], PROBED[1]
    [[x]] = lane.inputs([torch.cat([data.train_images[train], data.test_images[:tested]])])
    y = torch.cat([data.train_labels[train], data.test_labels[:tested]])
    targets, generator = (net.shrink(x).flatten(1), one_hot(y).float()), stream(lane.seeds[0], "probes")
    of_pixels, of_class = zip(*[explained(layer, targets, len(train), generator) for layer in layer_outputs(net, x)])
    return {**_metrics(list(of_pixels), list(of_class)), "diverged": 0.0}


def _metrics(of_pixels, of_class):
    return {
        "R2 of the pixels": of_pixels,
        "R2 of the class": of_class,
        "pixels lost": of_pixels[0] - of_pixels[-1],
        "class lost": of_class[0] - of_class[-1],
        "class gained": of_class[-1] - of_class[0],
    }


def layer_outputs(net, x):
    """Every layer's output, [images, values]."""
    maps = []
    hooks = [layer.register_forward_hook(lambda layer, _, out: maps.append(out.flatten(1))) for layer in net.layers]
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return maps


def explained(layer, targets, fitted, generator):
    """R2 of the probes of `layer` for each of `targets`, fitted on the first so many images, scored on the others."""
    projected = layer @ torch.randn(layer.shape[1], DIMENSIONS, generator=generator)
    projected = (projected - projected[:fitted].mean(0)) / projected[:fitted].std(0)
    x, unseen = projected[:fitted], projected[fitted:]
    inverse = torch.linalg.inv(x.t() @ x + PENALTY * fitted * torch.eye(DIMENSIONS))
    scores = []
    for target in targets:
        mean, asked = target[:fitted].mean(0), target[fitted:]
        told = unseen @ (inverse @ (x.t() @ (target[:fitted] - mean))) + mean
        scores.append(1 - ((asked - told).square().sum() / (asked - asked.mean(0)).square().sum()).item())
    return scores
