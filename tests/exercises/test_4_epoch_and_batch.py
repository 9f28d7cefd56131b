"""E4: what an epoch and a batch are, and what a batch's gradient is."""

import math

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler

from lab.claims import claim, counterexample
from lab.counting.gradients import batch_gradient, gradient_noise, per_sample_gradients
from lab.data import handwritten_digits, standardised
from lab.data.loaders import delivered

MNIST, CIFAR_10 = range(60_000), range(50_000)  # training images, by index


@claim("epoch-of-batches")
@pytest.mark.parametrize("images, batch_size, options", [
    pytest.param(MNIST, 64, {"shuffle": True}, id="MNIST, batch 64"),
    pytest.param(CIFAR_10, 128, {"shuffle": True}, id="CIFAR-10, batch 128"),
    pytest.param(range(97), 97, {}, id="the whole set as one batch"),
    pytest.param(MNIST, 64, {"shuffle": True, "drop_last": True}, id="drop_last",
                 marks=counterexample("the last 32 images are left out: 937 batches")),
    pytest.param(MNIST, 64, {"sampler": RandomSampler(MNIST, replacement=True)}, id="drawn with replacement",
                 marks=counterexample("938 batches, but they miss more than a third of the images")),
])
def test_an_epoch_delivers_each_image_once_in_batches(images, batch_size, options, evidence):
    """An epoch is one pass over the N images: ceil(N / B) batches, the last with what is left, each image once."""
    batches = delivered(DataLoader(images, batch_size, **options))
    count, rest = math.ceil(len(images) / batch_size), (len(images) - 1) % batch_size + 1
    evidence.measured("batches", len(batches), expected=count, unit="batches")
    evidence.measured("the last batch", len(batches[-1]), expected=rest, unit="images")
    seen = sorted(sum(batches, []))
    evidence.measured("different images", len(set(seen)), expected=len(images), unit="images")

    assert (len(batches), len(batches[-1]), seen) == (count, rest, list(images))


def fully_connected():
    """(N, 3, 11, 11) -> (N, 5)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 11 * 11, 7), nn.ReLU(), nn.Linear(7, 5))


def convolutional(*normalisation):
    """(N, 3, 11, 11) -> (N, 5), with a normalisation of seven maps between convolution and ReLU, or none."""
    return nn.Sequential(nn.Conv2d(3, 7, 5), *normalisation, nn.ReLU(), nn.Flatten(), nn.Linear(7 * 7 * 7, 5))


@claim("batch-gradient-is-mean")
@pytest.mark.parametrize("build", [
    pytest.param(fully_connected, id="FC net"),
    pytest.param(convolutional, id="CNN"),
    pytest.param(lambda: convolutional(nn.BatchNorm2d(7)), id="BatchNorm in eval mode"),
    pytest.param(lambda: convolutional(nn.BatchNorm2d(7, track_running_stats=False)), id="BatchNorm as in train mode",
                 marks=counterexample("normalised by its batch, an image's output depends on its company")),
])
def test_a_batchs_gradient_is_the_mean_of_its_images_gradients(build, evidence):
    """The gradient of a batch is the mean of the gradients of its images, each taken as a batch of one."""
    images, labels = torch.randn(23, 3, 11, 11, dtype=torch.float64), torch.randint(5, (23,))
    net = build().double().eval()  # BatchNorm without running statistics takes the batch's in eval mode too
    mean, whole = per_sample_gradients(net, images, labels).mean(dim=0), batch_gradient(net, images, labels)
    difference = ((mean - whole).norm() / whole.norm()).item()
    evidence.measured("distance of the two, relative", difference, expected=0.0, convention="float64, up to rounding")

    assert difference < 1e-12


SIZES, DRAWS, POOL = [2, 8, 32], 1000, 499  # batch sizes, batches of each, images to draw from


def at_random(size, generator):
    """(DRAWS, size) indices: every image of every batch drawn anew."""
    return torch.randint(POOL, (DRAWS, size), generator=generator)


def one_image_repeated(size, generator):
    """(DRAWS, size) indices: a batch is `size` times the same image."""
    return torch.randint(POOL, (DRAWS, 1), generator=generator).expand(-1, size)


@claim("bigger-batch-less-noise")
@pytest.mark.parametrize("draw", [
    pytest.param(at_random, id="images drawn at random"),
    pytest.param(one_image_repeated, id="the same image repeated",
                 marks=counterexample("copies of an image bring no new gradient to average")),
])
def test_gradient_noise_falls_as_one_over_the_batch_size(draw, data_dir, evidence):
    """The variance of a batch's gradient falls as 1 / B.

    Error budget: 3 sizes, each within 5 standard errors over 1,000 batches; where 1 / B is true, other draws would fail
    with a chance below 3 x 6e-7 (the mean of so many is nearly normal).
    """
    digits = handwritten_digits(data_dir)
    images, labels = standardised(digits.train_images[:POOL], 0.5, 0.5), digits.train_labels[:POOL]
    net = nn.Sequential(nn.Conv2d(1, 5, 7, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 8 * 8, 10))
    gradients = per_sample_gradients(net, images, labels)
    law = [gradients.var(dim=0, correction=0).sum().item() / size for size in SIZES]
    noise, error = zip(*[gradient_noise(gradients, draw(size, torch.Generator().manual_seed(size))) for size in SIZES])
    evidence.measured(f"variance of the gradient at B = {SIZES}", noise, expected=law, convention="sum over weights")
    evidence.measured("standard error of these", error)
    evidence.figure("lines", "Gradient noise against batch size", x=SIZES, xlabel="batch size B", ylabel="variance",
                    series={"measured": noise, "variance of one image / B": law}, logx=True, logy=True)

    assert all(abs(found - expected) <= 5 * e for found, expected, e in zip(noise, law, error))
