"""The real handwritten digits inside scikit-learn, laid out like MNIST, for a machine without data and network."""

import hashlib

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

KNOWN_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"  # 8x8 pixels, then labels, as bytes
SIDE, ENLARGED, JITTER = 28, 20, 2  # px
TEST_IMAGES = 500


def digits():
    """1,797 digits of 8x8 pixels and 17 grey levels, enlarged to 20x20 and placed around the centre of 28x28.

    Returns [images, labels] to train (1,297), the same to test (500), their checksums, and what is unofficial
    about them. Enlarged bicubically (Pillow's integer arithmetic), moved by up to 2 px each way, split in equal
    shares of each digit; always the same, since jitter and split come from numpy's frozen generator.
    """
    small, labels = load_digits(return_X_y=True)
    small, labels = small.reshape(-1, 8, 8).astype(np.uint8), labels.astype(np.int64)
    known = hashlib.sha256(small.tobytes() + labels.astype(np.uint8).tobytes()).hexdigest() == KNOWN_SHA256

    images = torch.from_numpy(np.stack(list(map(placed, small, corners(len(small))))))
    labels = torch.from_numpy(labels)
    rows = train_test_split(np.arange(len(labels)), test_size=TEST_IMAGES, stratify=labels, random_state=0)
    train, test = ([images[row], labels[row]] for row in rows)
    sums = [hashlib.sha256(part.numpy().tobytes()).hexdigest() for part in (*train, *test)]
    return train, test, sums, [] if known else ["the digits of this scikit-learn"]


def corners(count):
    """Top left corners [count, 2] of the enlarged digits: centred, moved by up to JITTER px down and right."""
    centred = (SIDE - ENLARGED) // 2
    return np.random.RandomState(0).randint(centred - JITTER, centred + JITTER + 1, (count, 2))


def placed(digit, corner):
    """One digit [8, 8] of grey levels 0..16 -> uint8 [1, 28, 28]."""
    grey = Image.fromarray(np.round(digit * (255 / 16)).astype(np.uint8))
    canvas, (top, left) = np.zeros((1, SIDE, SIDE), dtype=np.uint8), corner
    canvas[0, top : top + ENLARGED, left : left + ENLARGED] = grey.resize(
        (ENLARGED, ENLARGED), Image.Resampling.BICUBIC
    )
    return canvas
