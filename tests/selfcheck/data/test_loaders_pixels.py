"""What a DataLoader delivers is written down as it came, an evaluation weighs images alike, and moments are moments."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from lab.data.loaders import ReseededSampler, delivered, evaluate, orders
from lab.data.pixel_statistics import deviations_of_images, grey_values, own_constants, standardised_moments


def test_batches_come_as_they_are_delivered():
    loader = DataLoader(range(7), batch_size=3)

    assert delivered(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert orders(loader, epochs=2) == [list(range(7))] * 2


def test_a_reseeded_sampler_repeats_one_permutation():
    first, second = orders(DataLoader(range(97), sampler=ReseededSampler(range(97), seed=5)), epochs=2)

    assert first == second != list(range(97)) and sorted(first) == list(range(97))


def test_evaluation_weighs_images_not_batches():
    """With 7 images in batches of 3 a mean of batch means would give the last image a third of the weight."""
    images, labels = torch.randn(7, 5, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 1, 2, 0])
    net = nn.Linear(5, 3).double()
    right, loss = evaluate(net, DataLoader(TensorDataset(images, labels), batch_size=3))

    assert right == (net(images).argmax(dim=1) == labels).sum()
    assert loss == pytest.approx(cross_entropy(net(images), labels).item(), rel=1e-12)


@pytest.fixture
def images():
    return torch.randint(256, (13, 3, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(4))


def test_moments_by_grey_values_are_those_of_all_pixels(images):
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.6, 0.7])
    pixels = (images.double() / 255 - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1)  # (13, 3, 5, 7)
    means, variances = standardised_moments(grey_values(images), mean, std)

    assert means == pytest.approx(pixels.mean(dim=(0, 2, 3)).tolist(), abs=1e-6)
    assert variances == pytest.approx(pixels.var(dim=(0, 2, 3), correction=0).tolist(), abs=1e-6)


def test_own_constants_standardise(images):
    means, variances = standardised_moments(grey_values(images), *own_constants(images))

    assert [*means, *variances] == pytest.approx([0] * 3 + [1] * 3, abs=1e-6)


def test_per_image_deviations_are_averaged_over_all_parts(images):
    expected = (images.double() / 255).flatten(2).std(dim=2, correction=0).mean(dim=0)

    assert deviations_of_images(images, at_once=5) == pytest.approx(expected.tolist(), abs=1e-6)
