"""Moments of pixel values, before and after the (x - mean) / std of a transform."""

from functools import cache

import torch

from lab.data.datasets import standardised

GREY_VALUES = 256


def standardised_moments(images, mean, std):
    """(means, variances), one per channel, over all pixels of uint8 images [N, C, H, W] after standardising.

    Exact: there are only 256 grey values, so each is standardised once and weighed by how often it occurs.
    """
    channels = images.shape[1]
    greys = torch.arange(GREY_VALUES, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, channels, 1, 1)
    values = standardised(greys, mean, std)[:, :, 0, 0].T.double()  # (C, 256)
    shares = grey_values(images) / images[:, 0].numel()
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
    means, variances = standardised_moments(images, 0.0, 1.0)
    return means, [variance**0.5 for variance in variances]


def per_image_constants(images, at_once=100):
    """(means, deviations) like own_constants, but each image's own deviation, averaged over the images."""
    deviations = []
    for part in images.split(at_once):
        values = part.flatten(2) / 255  # (N, C, HW)
        centred = values - values.mean(dim=2, keepdim=True)
        deviations.append(torch.linalg.vector_norm(centred, dim=2) / values.shape[2] ** 0.5)  # faster than std
    return own_constants(images)[0], torch.cat(deviations).mean(dim=0).tolist()
