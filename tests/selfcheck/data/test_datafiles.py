"""Do the readers notice what torchvision doesn't? MNIST's files, damaged one by one."""
import gzip

import numpy as np
import pytest

from lab.data.datasets import DataError, handwritten_digits
from lab.errors import NotAvailable
from selfcheck.data_samples import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    idx,
    write_mnist,
)


def truncated(raw):
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes()[:-1])


def longer(raw):
    (raw / TEST_IMAGES).write_bytes((raw / TEST_IMAGES).read_bytes() + b"\0")


def empty(raw):
    (raw / TEST_LABELS).write_bytes(b"")


def header_only(raw):
    (raw / TEST_LABELS).write_bytes(idx(np.zeros(0, np.uint8)))


def cut_header(raw):
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes()[:15])


def flipped_magic(raw):
    (raw / TRAIN_LABELS).write_bytes(b"\0\0\x09" + (raw / TRAIN_LABELS).read_bytes()[3:])


def flipped_size(raw):
    content = bytearray((raw / TRAIN_IMAGES).read_bytes())
    content[11] ^= 1                                            # the number of rows
    (raw / TRAIN_IMAGES).write_bytes(content)


def endless(raw):
    (raw / TEST_LABELS).write_bytes(bytes([0, 0, 8, 1]) + b"\xff\xff\xff\xff" + b"\0" * 9)


def label_200(raw):
    (raw / TRAIN_LABELS).write_bytes(idx(np.array([0, 1, 200, 3, 4, 5, 6], np.uint8)))


def too_many_labels(raw):
    (raw / TEST_LABELS).write_bytes((raw / TRAIN_LABELS).read_bytes())


def one_missing(raw):
    (raw / TEST_LABELS).unlink()


def a_folder_instead(raw):
    (raw / TEST_LABELS).unlink()
    (raw / TEST_LABELS).mkdir()


def cut_gzip(raw):
    content = gzip.compress((raw / TEST_IMAGES).read_bytes())
    (raw / TEST_IMAGES).unlink()
    (raw / (TEST_IMAGES + ".gz")).write_bytes(content[:-9])


MNIST_DAMAGE = {
    truncated: f"{TRAIN_IMAGES}' holds 5,487 bytes where its header promises 5,488",
    longer: f"{TEST_IMAGES}' holds 2,353 bytes where its header promises 2,352",
    empty: f"{TEST_LABELS}' doesn't begin as an idx file of bytes in 1 dimension",
    header_only: f"{TEST_LABELS}' promises the shape [0], not ['N']",
    cut_header: f"{TRAIN_IMAGES}' doesn't begin as an idx file of bytes in 3 dimensions",
    flipped_magic: f"{TRAIN_LABELS}' doesn't begin as an idx file of bytes in 1 dimension",
    flipped_size: f"{TRAIN_IMAGES}' promises the shape [7, 29, 28], not ['N', 28, 28]",
    endless: f"{TEST_LABELS}' holds 9 bytes where its header promises 4,294,967,295",
    label_200: f"{TRAIN_LABELS}' holds the label 200 where labels run from 0 to 9",
    too_many_labels: f"{TEST_LABELS}' holds 7 labels for 3 images",
    one_missing: f"raw' has no {TEST_LABELS}",
    a_folder_instead: f"{TEST_LABELS}' is a folder, not a file",
    cut_gzip: f"{TEST_IMAGES}.gz' can't be read (",
}


@pytest.mark.parametrize("damage, sentence", MNIST_DAMAGE.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_damaged_mnist_is_refused_in_one_sentence(tmp_path, damage, sentence):
    """Named with file, fault and remedy; also where the embedded digits could stand in."""
    damage(write_mnist(tmp_path))
    with pytest.raises(DataError) as refusal:
        handwritten_digits(tmp_path)
    message = str(refusal.value)

    assert sentence in message and message.endswith("delete it and run with --download, or put an intact copy there")
    assert "\n" not in message and not isinstance(refusal.value, NotAvailable)
