"""Readers of the files that the data sets come in, which believe nothing that they can check.

Every reader returns uint8 images [N, C, H, W], int64 labels [N] and a checksum. What can't be right (size,
header, shape, label range, counts) raises DataError before any training, and what can't be a data file, before it is
read. A well-formed file with an unknown checksum is not refused: the caller says which ones are official.
"""

import gzip
import hashlib
import io
import math
import os
import struct
import zlib
from functools import partial
from numbers import Number

import numpy as np
import simplejpeg
import torch
from PIL import Image
from torchvision.datasets import ImageFolder

from lab.data.pickles import ArraysOnly
from lab.errors import LabError, NotAvailable
from lab.outside import unfit

LARGEST = 200_000_000  # bytes of a data file, unpacked: four times MNIST's largest
LARGEST_IMAGE = 20_000_000  # bytes of an image's file
JPEG = b"\xff\xd8"  # first bytes of such a file
UNSIGNED_BYTES = 0x08  # third byte of an idx file's magic number; the fourth is the number of dimensions


class DataError(LabError):
    """A data set that is there but can't be right; the message names the file, what is wrong and the remedy."""


class DataMissing(DataError, NotAvailable):
    """A data set that isn't there at all."""


def broken(path, what):
    return DataError(f"{str(path)!r} {what}: delete it and run with --download, or put an intact copy there")


def read(path):
    """Bytes of a file or, unpacked, of the file's .gz where only that is there."""
    packed = path.with_name(path.name + ".gz")
    try:
        if packed.exists() and not path.exists():
            path = packed
        if why := unfit(path, LARGEST):
            raise broken(path, why)
        if path != packed:
            return path.read_bytes()
        with gzip.open(path) as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise broken(path.parent, f"has no {path.name}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise broken(path, f"can't be read ({error})") from error
    if len(raw) > LARGEST:
        raise broken(path, f"unpacks to more than {LARGEST:,} bytes")
    return raw


def read_idx(path, item):
    """An idx file of unsigned bytes, N items of shape `item` -> uint8 tensor [N, *item] and the file's sha256.

    Layout: two zero bytes, type, number of dimensions, each dimension as a big-endian 32-bit number, then the bytes.
    """
    raw, dimensions = read(path), 1 + len(item)
    head = 4 + 4 * dimensions
    if raw[:4] != bytes([0, 0, UNSIGNED_BYTES, dimensions]) or len(raw) < head:
        raise broken(path, f"doesn't begin as an idx file of bytes in {dimensions} dimension{'s' if item else ''}")
    shape = struct.unpack(f">{dimensions}I", raw[4:head])
    if shape[0] == 0 or shape[1:] != item:
        raise broken(path, f"promises the shape {list(shape)}, not {['N', *item]}")
    if len(raw) != head + math.prod(shape):
        raise broken(path, f"holds {len(raw) - head:,} bytes where its header promises {math.prod(shape):,}")
    pixels = torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=head)
    return pixels.reshape(shape), hashlib.sha256(raw).hexdigest()


def read_idx_pair(images_path, labels_path, side, classes):
    """An idx file of square images and one of labels -> images [N, 1, side, side], labels [N], [sha256, sha256]."""
    images, images_sum = read_idx(images_path, (side, side))
    labels, labels_sum = read_idx(labels_path, ())
    labels = check_labels(labels.long(), labels_path, len(images), classes)
    return images.unsqueeze(1), labels, [images_sum, labels_sum]


def read_batch(path, classes):
    """One of CIFAR-10's pickled batches -> images [N, 3, 32, 32], labels [N], the raw bytes."""
    raw = read(path)
    try:
        batch = ArraysOnly(raw).load()
        pixels, labels = _numbers(batch["data"]), torch.from_numpy(_numbers(batch["labels"]).astype(np.int64))
    except Exception as error:  # a damaged pickle may raise anything
        raise broken(path, f"isn't a batch of CIFAR-10 ({type(error).__name__}: {error})") from error
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != 3 * 32 * 32 or len(pixels) == 0:
        raise broken(path, f"holds {pixels.dtype} pixels of shape {list(pixels.shape)}, not uint8 [N, 3072]")
    images = torch.from_numpy(pixels.copy()).reshape(-1, 3, 32, 32)  # a row: 1,024 red, green, blue bytes
    return images, check_labels(labels, path, len(images), classes), raw


def _numbers(values):
    """A pickled array, or a list of numbers as one; lists in lists that share their parts could grow without end."""
    if isinstance(values, np.ndarray) or all(isinstance(value, Number) for value in values):
        return np.asarray(values)
    raise TypeError("not a list of numbers")


def read_tree(folder, classes, side):
    """Images folder/<class>/*.{png,jpg}, by class and name -> [N, 3, side, side], labels [N], [sha256]."""
    try:
        for kind in filter(os.DirEntry.is_dir, os.scandir(folder)):
            for inner in filter(os.DirEntry.is_dir, os.scandir(kind)):  # a link may lead round in circles
                raise broken(inner.path, "is a folder where images belong")
        tree = ImageFolder(folder, allow_empty=True)
    except OSError as error:
        raise broken(folder, f"can't be read as an image tree ({error})") from error
    strange = set(tree.classes) - set(classes)
    empty = set(classes) - {tree.classes[label] for label in tree.targets}
    if strange or empty:
        what = "has the unknown class" if strange else "has no images of"
        raise broken(folder, f"{what} {', '.join(sorted(strange or empty))}")
    images, digest = np.empty((len(tree.samples), 3, side, side), dtype=np.uint8), hashlib.sha256()
    for start in range(0, len(images), 1000):
        turn = slice(start, start + 1000)
        digest.update(read_images(tree.samples[turn], images[turn]))
    return torch.from_numpy(images), torch.tensor(tree.targets), [digest.hexdigest()]


def read_images(samples, out):
    """Decode (path, label) pairs into `out` [n, 3, H, W]; returns each label and file's sha256, as bytes.

    In one thread: two take no less time, for most of it is Python's own.
    """
    sums, by_pixel = bytearray(), np.empty_like(out.transpose(0, 2, 3, 1), order="C")
    for (name, label), place in zip(samples, by_pixel, strict=True):
        try:
            raw, place[:] = read_image(name, place.shape)
        except DataError:
            raise
        except Exception as error:  # a damaged image may raise anything
            raise broken(name, f"isn't an intact image ({error})") from error
        sums += bytes([label]) + hashlib.sha256(raw).digest()
    out[:] = by_pixel.transpose(0, 3, 1, 2)
    return sums


def read_image(name, shape):
    """Bytes and pixels [H, W, 3] of a JPEG or PNG file, which is decoded only if its header promises that shape.

    Of small JPEG files simplejpeg gives what Pillow gives, with less to do for each.
    """
    if why := unfit(name, LARGEST_IMAGE):
        raise broken(name, why)
    with open(name, "rb", buffering=0) as file:  # a buffer would take longer than the file
        raw = file.readall()
    if raw.startswith(JPEG):
        height, width, *_ = simplejpeg.decode_jpeg_header(raw)
        pixels = partial(simplejpeg.decode_jpeg, raw)
    else:
        picture = Image.open(io.BytesIO(raw), formats=["PNG"])
        (width, height), pixels = picture.size, lambda: np.asarray(picture.convert("RGB"))
    if (height, width) != shape[:2]:
        raise broken(name, f"is {width}x{height} px, not {shape[1]}x{shape[0]}")
    return raw, pixels()


def check_labels(labels, path, images, classes):
    """The labels, if there is one for each image and all name a class."""
    if labels.shape != (images,):
        raise broken(path, f"holds {labels.numel():,} labels for {images:,} images")
    outside = labels[(labels < 0) | (labels >= len(classes))]
    if len(outside):
        raise broken(path, f"holds the label {int(outside[0])} where labels run from 0 to {len(classes) - 1}")
    return labels
