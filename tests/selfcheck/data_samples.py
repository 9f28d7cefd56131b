"""Small data sets in each layout that the readers know, for selfchecks to read and to damage."""
import pickle
import struct

import numpy as np
from PIL import Image

from lab.data.datasets import MNIST_SHA256, OBJECTS

TRAIN, TEST = 7, 3          # images, in MNIST's layout
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = MNIST_SHA256


def idx(array):
    """An array of bytes as an idx file."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def pixels(*shape):
    return np.random.RandomState(5).randint(0, 256, shape).astype(np.uint8)


def write_mnist(root, pack=None):
    """MNIST/raw with TRAIN and TEST images; `pack` compresses each file."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, array in {TRAIN_IMAGES: pixels(TRAIN, 28, 28), TRAIN_LABELS: np.arange(TRAIN, dtype=np.uint8),
                        TEST_IMAGES: pixels(TEST, 28, 28), TEST_LABELS: np.arange(TEST, dtype=np.uint8)}.items():
        (raw / (name + ".gz" if pack else name)).write_bytes(pack(idx(array)) if pack else idx(array))
    return raw


def write_batches(root, **changed):
    """cifar-10-batches-py with 2 images a batch; `changed` replaces entries of the test batch."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    for name in ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]:
        batch = {"data": pixels(2, 3072), "labels": [3, 9]} | (changed if name == "test_batch" else {})
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return folder


def write_tree(root, suffix="png"):
    """cifar10/{train,test}/<class>/ with one image a class; class k is all of grey level 10 k."""
    for split in ("train", "test"):
        for k, name in enumerate(OBJECTS):
            folder = root / "cifar10" / split / name
            folder.mkdir(parents=True)
            Image.new("RGB", (32, 32), (10 * k,) * 3).save(folder / f"0.{suffix}")
    return root / "cifar10"
