"""The training loop with one thing changed: order, labels or scale of the images, or noise that only training sees."""
from dataclasses import replace
from itertools import cycle, islice

import torch
from torch.nn import functional as F

from lab.device import one_thread
from lab.models.layers.images_last import seeds_at_once
from lab.training.randomness import stream
from lab.training.sgd import Lanes, _best_rate, _dataset

ORDERS = {      # (indices, labels) -> the indices in the order of every epoch
    "as in the file": lambda kept, labels: kept.sort().values,
    "sorted by class": lambda kept, labels: kept[labels[kept].argsort(stable=True)],
}
OTHER_SEEDS = 10_000        # from one repetition to the next


def train_varied(seeds, *, data_dir, model, steps, data="handwritten", images=None, batch=64, lr=0.01,
                 momentum=0.5, tested=None, device="cpu", order="shuffled", mislabelled=0.0, normalised=True, shift=0,
                 dropout=0.0, repetition=0, **architecture):
    """`lab.training.sgd.train_classifier` with one thing changed; arguments and metrics as there, and these:

    order: "shuffled" anew every epoch, or a name of ORDERS. mislabelled: share of the training images whose label is
    drawn at random, the same ones for all seeds. normalised: mean 0 and variance 1, or pixels only divided by 255.
    shift: whenever an image is trained on, it lies up to so many pixels further down or up, and right or left.
    dropout: the chance that a hidden unit is left out for an image of a training step; the model has to take a mask.
    repetition: another run of the same recipe, with everything random drawn anew.
    """
    rates = lr if isinstance(lr, (tuple, list)) else (lr,)
    pairs = [(seed + OTHER_SEEDS * repetition, rate) for seed in seeds for rate in rates]
    together = seeds_at_once(model)
    tried = []
    with one_thread():
        dataset, to_input = _dataset(data, data_dir)
        dataset = replace(dataset, train_labels=_partly_random(dataset.train_labels, mislabelled))
        for start in range(0, len(pairs), together):
            lanes = VariedLanes(lambda: model(**architecture), pairs[start:start + together], "plain",
                                to_input if normalised else _only_divided, device)
            lanes.order, lanes.shift, lanes.dropout = order, shift, dropout
            tried += lanes.trial(dataset, images, batch, steps, momentum, tested)
    return [_best_rate(tried[i:i + len(rates)]) for i in range(0, len(pairs), len(rates))]


class VariedLanes(Lanes):
    """Lanes that train on images in another order, on moved images, or with some units left out; tests are as ever."""
    order, shift, dropout = "shuffled", 0, 0.0
    masks = None            # the generator of each lane's masks, in training

    def train(self, images, labels, order, momentum):
        """As `Lanes.train`."""
        if self.order != "shuffled":
            order = [self._arranged(list(picks), labels) for picks in order]
        tested_on = self.views
        if self.shift:
            self.views = [_shifts(stream(seed, "shifts"), self.shift) for seed in self.seeds]
        if self.dropout:
            self.masks = [stream(seed, "dropout") for seed in self.seeds]
        losses = super().train(images, labels, order, momentum)
        self.views, self.masks = tested_on, None
        return losses

    def _arranged(self, picks, labels):
        """As many batches of the same images, in the same order every epoch."""
        whole = ORDERS[self.order](torch.cat(picks).unique(), labels)
        return islice(cycle(whole.split(len(picks[0]))), len(picks))

    def _see(self, images, picks):
        """The images; with dropout also what each hidden unit is multiplied by, [lane, B, hidden]: 0 or 1 / kept."""
        inputs = super()._see(images, picks)
        if self.masks is None:
            return inputs
        shape, kept = (len(picks[0]), self.net.hidden), 1 - self.dropout
        masks = [torch.rand(shape, generator=generator).lt(kept) / kept for generator in self.masks]
        return *inputs, torch.stack(masks).to(self.device)


def _shifts(generator, most):
    """A function [B, C, H, W] -> same: each image moved by up to `most` pixels each way, the gap filled with zeros."""
    def shift(images):
        places = F.pad(images, [most] * 4).unfold(2, images.shape[2], 1).unfold(3, images.shape[3], 1)
        down, right = torch.randint(2 * most + 1, (2, len(images)), generator=generator)
        return places[torch.arange(len(images)), :, down, right]        # of [B, C, 2 most + 1, 2 most + 1, H, W]
    return shift


def _partly_random(labels, share):
    generator = stream(0, "labels")
    chosen = torch.rand(len(labels), generator=generator) < share
    return labels.where(~chosen, torch.randint(int(labels.max()) + 1, (len(labels),), generator=generator))


def _only_divided(pixels):
    return pixels.float() / 255
