"""E2: what shuffle=True does, and why a test set doesn't need it."""

import math

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, Subset, TensorDataset

from lab.claims import claim, counterexample
from lab.data.loaders import ReseededSampler, evaluate, orders

IMAGES, EPOCHS, BATCH = 97, 5, 10
NUMBERS = range(IMAGES)  # a data set whose items are their own indices


@claim("shuffling-changes-order")
@pytest.mark.parametrize("options", [
    pytest.param({"shuffle": True}, id="shuffle=True"),
    pytest.param({"sampler": RandomSampler(NUMBERS, generator=torch.Generator())}, id="one generator that runs on"),
    pytest.param({"shuffle": False}, id="shuffle=False", marks=counterexample("every epoch has the order of the file")),
    pytest.param({"sampler": ReseededSampler(NUMBERS)}, id="generator reseeded every epoch",
                 marks=counterexample("the same generator state draws the same order")),
    pytest.param({"sampler": RandomSampler(NUMBERS, replacement=True)}, id="drawn with replacement",
                 marks=counterexample("orders differ, but images are missed and repeated")),
])
def test_every_epoch_is_another_permutation(options, evidence):
    """With shuffle=True every epoch delivers each image once, in another order."""
    epochs = orders(DataLoader(NUMBERS, batch_size=BATCH, **options), EPOCHS)
    different = len(set(map(tuple, epochs)))
    permutations = sum(sorted(order) == list(NUMBERS) for order in epochs)
    evidence.measured("different orders", different, expected=EPOCHS, unit=f"of {EPOCHS} epochs")
    evidence.measured("epochs that deliver each image once", permutations, expected=EPOCHS, unit=f"of {EPOCHS} epochs")

    assert (different, permutations) == (EPOCHS, EPOCHS)


@claim("shuffling-changes-order")
@pytest.mark.parametrize("shuffle", [
    pytest.param(False, id="shuffle=False"),
    pytest.param(True, id="shuffle=True", marks=counterexample("97! orders: two epochs won't agree")),
])
def test_without_shuffling_every_epoch_has_the_files_order(shuffle, evidence):
    """With shuffle=False every epoch delivers the images in the order of the file."""
    epochs = orders(DataLoader(NUMBERS, batch_size=BATCH, shuffle=shuffle), EPOCHS)
    evidence.measured("first images of each epoch", [order[:3] for order in epochs], expected=[[0, 1, 2]] * EPOCHS)

    assert epochs == [list(NUMBERS)] * EPOCHS


@claim("testing-needs-no-shuffling")
@pytest.mark.parametrize("training, order, batch_size", [
    pytest.param(False, NUMBERS[::-1], 10, id="backwards"),
    pytest.param(False, torch.randperm(IMAGES, generator=torch.Generator().manual_seed(3)).tolist(), 10, id="shuffled"),
    pytest.param(False, NUMBERS, 1, id="one by one"),
    pytest.param(False, NUMBERS, IMAGES, id="all at once"),
    pytest.param(True, NUMBERS[::-1], 10, id="BatchNorm in train mode, backwards",
                 marks=counterexample("in train mode BatchNorm compares an image with its batch")),
    pytest.param(True, NUMBERS, IMAGES, id="BatchNorm in train mode, all at once",
                 marks=counterexample("in train mode the batch size changes BatchNorm's statistics")),
])
def test_a_test_result_ignores_order_and_batch_size(training, order, batch_size, evidence):
    """In eval mode, accuracy and loss on a test set are the same in every order and at every batch size."""
    data = TensorDataset(torch.randn(IMAGES, 3, 7, 7, dtype=torch.float64), torch.randint(5, (IMAGES,)))
    net = nn.Sequential(nn.Conv2d(3, 13, 3), nn.BatchNorm2d(13), nn.ReLU(), nn.Flatten(), nn.Linear(13 * 5 * 5, 5))
    net = net.double().train(training)
    right, loss = evaluate(net, DataLoader(data, batch_size=BATCH))
    right_again, loss_again = evaluate(net, DataLoader(Subset(data, order), batch_size=batch_size))
    evidence.measured("right answers", right_again, expected=right, unit=f"of {IMAGES}")
    evidence.measured("loss", loss_again, expected=loss, convention="mean over images, float64")

    assert right_again == right and math.isclose(loss_again, loss, rel_tol=1e-12)  # sums in another order
