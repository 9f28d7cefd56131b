"""E3: what the constants of a Normalize transform do to the pixels."""

import pytest
import torch
from torchvision.transforms import Normalize

from lab.claims import claim, counterexample
from lab.data.pixel_statistics import (
    constants,
    deviations_of_images,
    deviations_of_pixels,
    grey_values,
    standardised_moments,
)

MNIST = [0.1307], [0.3081]  # pytorch/examples#653
CIFAR_MEAN, CIFAR_STD = [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]  # kuangliu/pytorch-cifar#8
NOTES_STD = [0.2023, 0.1994, 0.2010]  # the notes, after kuangliu/pytorch-cifar
HALF = [0.5], [0.5]
ROUNDING = 0.00005  # of constants that are printed with four decimals
JPEG = 0.003  # CIFAR-10 may be a tree of JPEG files, whose compression smooths the pixels: deviations fall by 0.002


@claim("constants-standardise")
@pytest.mark.parametrize("name, mean, std, tolerance", [
    pytest.param("mnist", *MNIST, ROUNDING, id="MNIST, 0.1307 and 0.3081", marks=pytest.mark.exact),
    pytest.param("mnist", *HALF, ROUNDING, id="MNIST, 0.5 and 0.5",
                 marks=[pytest.mark.exact, counterexample("0.5 is neither mean nor deviation of MNIST's pixels")]),
    pytest.param("cifar10", CIFAR_MEAN, CIFAR_STD, JPEG, id="CIFAR-10, 0.2470 0.2435 0.2616", marks=pytest.mark.cifar),
    pytest.param("cifar10", CIFAR_MEAN, NOTES_STD, JPEG, id="CIFAR-10, 0.2023 0.1994 0.2010",
                 marks=[pytest.mark.cifar, counterexample("means of per-image deviations: variance about 1.5")]),
])
def test_the_data_sets_own_constants_standardise(name, mean, std, tolerance, statistic_of, evidence):
    """Normalising by the mean and deviation of all training pixels gives every channel mean 0 and variance 1."""
    means, variances = standardised_moments(statistic_of(grey_values, name), mean, std)
    standard = [0.0] * len(std) + [1.0] * len(std)
    allowed = 2 * tolerance / min(std)  # a deviation that is off by t changes the variance by 2 t / std
    evidence.measured("means of the channels, then variances", [*means, *variances], expected=standard,
                      convention=f"within {allowed:.2g}")

    assert [*means, *variances] == pytest.approx(standard, abs=allowed)


@claim("constants-standardise")
@pytest.mark.cifar
@pytest.mark.parametrize("statistic", [
    pytest.param(deviations_of_images, id="each image's deviation, averaged"),
    pytest.param(deviations_of_pixels, id="deviation of all pixels",
                 marks=counterexample("images differ in brightness, so all pixels together spread wider")),
])
def test_the_notes_constants_are_means_of_per_image_deviations(statistic, statistic_of, evidence):
    """The notes' 0.2023, 0.1994, 0.2010 for CIFAR-10 are deviations within an image, averaged over the images."""
    deviations = statistic_of(statistic, "cifar10")
    left = [(true / notes) ** 2 for true, notes in zip(CIFAR_STD, NOTES_STD)]
    evidence.measured("deviation of each channel", deviations, expected=NOTES_STD, convention=f"within {JPEG}",
                      source="kuangliu/pytorch-cifar#8; chenyaofo/image-classification-codebase#5")
    evidence.measured("variance that the notes' constants leave", left, convention="(0.2470 / 0.2023)^2, ...")

    assert deviations == pytest.approx(NOTES_STD, abs=JPEG)


@claim("half-maps-to-minus-one-one")
@pytest.mark.parametrize("mean, std", [
    pytest.param(*HALF, id="0.5 and 0.5"),
    pytest.param(*MNIST, id="0.1307 and 0.3081",
                 marks=counterexample("MNIST's constants map black to -0.42 and white to 2.82")),
])
def test_one_half_maps_black_and_white_to_minus_one_and_one(mean, std, evidence):
    """Normalize(0.5, 0.5) maps pixels from [0, 1] to [-1, 1]."""
    black_to_white = torch.linspace(0, 1, 5).reshape(1, 1, 5)  # one image of 1 x 5 px
    mapped = Normalize(mean, std)(black_to_white).flatten().tolist()
    evidence.measured("0, 1/4, 1/2, 3/4, 1 become", mapped, expected=[-1, -0.5, 0, 0.5, 1])

    assert mapped == [-1, -0.5, 0, 0.5, 1]


@claim("half-maps-to-minus-one-one")
@pytest.mark.parametrize("mean_and_std", [
    pytest.param(lambda counts: HALF, id="0.5 and 0.5"),
    pytest.param(constants, id="the data's own", marks=counterexample("these do give mean 0 and variance 1")),
])
@pytest.mark.parametrize("name", [
    pytest.param("handwritten", id="handwritten digits"),
    pytest.param("cifar10", id="CIFAR-10", marks=pytest.mark.cifar),
])
def test_one_half_does_not_standardise(name, mean_and_std, statistic_of, evidence):
    """Normalize(0.5, 0.5) does not give mean 0 and variance 1."""
    counts = statistic_of(grey_values, name)
    means, variances = standardised_moments(counts, *mean_and_std(counts))
    standard = [0.0] * len(means) + [1.0] * len(means)
    evidence.measured("means of the channels, then variances", [*means, *variances], expected="anything but 0 and 1")

    assert [*means, *variances] != pytest.approx(standard, abs=0.1)
