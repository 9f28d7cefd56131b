"""Small pictures, such as digits, as HTML: pixels that a browser enlarges take less room than a drawing of them."""

import numpy as np
from markupsafe import Markup
from PIL import Image

from lab.report.figures.axes import short
from lab.report.figures.svg import data_uri
from lab.report.language import words


def images(images, labels):
    """Small pictures with their labels, as HTML: values 0..1, each H x W grey or 3 x H x W colour."""
    cells = [
        Markup(
            '<figure class="picture"><img src="{}" alt="" width="{}" height="{}"><figcaption>{}</figcaption></figure>'
        ).format(*picture(image), words.data(short(label)))
        for image, label in zip(images, labels, strict=True)
    ]
    return Markup('<div class="pictures">{}</div>').format(Markup().join(cells))


def picture(image):
    """(data URI of a PNG, width, height in CSS px) of values 0..1."""
    pixels = np.clip(np.nan_to_num(np.array(image, dtype=float)), 0, 1)
    pixels = np.round(255 * (pixels.transpose(1, 2, 0) if pixels.ndim == 3 else pixels)).astype(np.uint8)
    scale = max(1, round(84 / max(pixels.shape[:2])))
    return data_uri(Image.fromarray(pixels)), pixels.shape[1] * scale, pixels.shape[0] * scale
