"""What a DataLoader delivers, and what a network makes of it."""

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import RandomSampler


class ReseededSampler(RandomSampler):
    """A random order drawn from the same generator state at the start of every epoch."""

    def __init__(self, data, seed=0):
        super().__init__(data, generator=torch.Generator())
        self.seed = seed

    def __iter__(self):
        self.generator.manual_seed(self.seed)
        return super().__iter__()


def delivered(loader):
    """The items of one epoch, batch by batch: a list of lists of numbers."""
    return [batch.tolist() for batch in loader]


def orders(loader, epochs):
    """The items of each epoch in the order of their delivery: a list of lists of numbers."""
    return [sum(delivered(loader), []) for _ in range(epochs)]


@torch.no_grad()
def evaluate(model, loader):
    """(right, loss): how many images are classified right, and the mean cross-entropy, weighing every image alike.

    The model stays in its present train or eval mode.
    """
    right, loss, images = 0, 0.0, 0
    for batch, labels in loader:
        scores = model(batch)
        right += (scores.argmax(dim=1) == labels).sum().item()
        loss += cross_entropy(scores, labels, reduction="sum").item()
        images += len(labels)
    return right, loss / images
