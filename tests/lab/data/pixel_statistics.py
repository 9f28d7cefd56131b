"""Moments of pixel values, before and after the (x - mean) / std of a transform."""

from functools import cache

import torch

from lab.data.datasets import needed, standardised

GREY_VALUES = 256


def standardised_moments(counts, mean, std):
    """(means, variances), one per channel, after standardising, of pixels of which each grey value occurs so often.

    counts: (C, 256), as of `grey_values`. Exact: each grey value is standardised once, and weighed.
    """
    counts = torch.as_tensor(counts)
    greys = torch.arange(GREY_VALUES, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, len(counts), 1, 1)
    values = standardised(greys, mean, std)[:, :, 0, 0].T.double()  # (C, 256)
    shares = counts / counts.sum(dim=1, keepdim=True)
    means = (shares * values).sum(dim=1)
    variances = (shares * (values - means.unsqueeze(1)).square()).sum(dim=1)
    return means.tolist(), variances.tolist()


@cache
def grey_values(images):
    """How often each grey value occurs in each channel: (C, 256). Kept for a tensor, since data sets don't change."""
    return torch.stack(
        [
            sum(part.flatten().bincount(minlength=GREY_VALUES) for part in channel.split(1000))
            for channel in images.unbind(1)
        ]
    )  # in parts, for it takes 8 bytes a pixel


def own_constants(images):
    """(means, deviations), one per channel, on the scale 0 to 1, over all pixels of uint8 images [N, C, H, W]."""
    return constants(grey_values(images))


def constants(counts):
    """(means, deviations) as own_constants, of pixels of which each grey value occurs so often: counts (C, 256)."""
    means, variances = standardised_moments(counts, 0.0, 1.0)
    return means, [variance**0.5 for variance in variances]


def per_image_constants(images):
    """(means, deviations) like own_constants, but each image's own deviation, averaged over the images."""
    return own_constants(images)[0], deviations_of_images(images)


def deviations_of_images(images, at_once=100):
    """The deviation within an image of uint8 [N, C, H, W], on the scale 0 to 1, averaged; one per channel."""
    deviations = []
    for part in images.split(at_once):
        values = part.flatten(2) / 255  # (N, C, HW)
        centred = values - values.mean(dim=2, keepdim=True)
        deviations.append(torch.linalg.vector_norm(centred, dim=2) / values.shape[2] ** 0.5)  # faster than std
    return torch.cat(deviations).mean(dim=0).tolist()


def deviations_of_pixels(images):
    """The deviation over all pixels of uint8 images [N, C, H, W], on the scale 0 to 1; one per channel."""
    return own_constants(images)[1]


def pixel_statistic(seeds, *, data_dir, data, statistic):
    """A function of a data set's training images as the trial of an arm: {"value": plain data}, whatever the seed."""
    value = statistic(needed(data, data_dir).train_images)
    return [{"value": value.tolist() if isinstance(value, torch.Tensor) else value} for _ in seeds]
