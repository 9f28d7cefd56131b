"""Are CIFAR-10's batches and image trees read as their publisher meant, and refused when damaged?"""
from hashlib import sha256

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from lab.data.datasets import OBJECTS, DataError, in_turns, load
from lab.data.readers import read_tree
from selfcheck.data_samples import pixels, write_batches, write_tree


def test_cifar_batches_become_tensors(tmp_path):
    """torchvision's own reader, told that the checksums are fine, sees the same pixels."""
    folder = write_batches(tmp_path)
    images = load("cifar10", tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torchvision.datasets.CIFAR10, "_check_integrity", lambda self: True)
        patch.setattr(torchvision.datasets.CIFAR10, "_load_meta", lambda self: None)
        oracle = torchvision.datasets.CIFAR10(folder.parent)

    assert torch.equal(images.train_images, torch.from_numpy(oracle.data).permute(0, 3, 1, 2))
    assert images.train_labels.tolist() == oracle.targets and images.test_images.shape == (2, 3, 32, 32)
    assert images.unofficial[0] == "data_batch_1" and len(images.unofficial) == 6


def test_a_batch_runs_no_code(tmp_path):
    """A pickle may call any function of Python: here it would create a file."""
    trap = type("Trap", (), {"__reduce__": lambda self: (open, (str(tmp_path / "sprung"), "w"))})()
    write_batches(tmp_path, data=trap)
    with pytest.raises(DataError, match="test_batch' isn't a batch of CIFAR-10 .*it asks for"):
        load("cifar10", tmp_path)

    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("changed, sentence", [
    ({"data": pixels(2, 3071)}, r"holds uint8 pixels of shape \[2, 3071\]"),
    ({"data": pixels(2, 3072).astype(float)}, "holds float64 pixels"),
    ({"labels": [1, 2, 3]}, "holds 3 labels for 2 images"),
    ({"labels": [1, -1]}, "holds the label -1 where labels run from 0 to 9"),
    ({"labels": None}, "isn't a batch of CIFAR-10"),
], ids=["short row", "floats", "too many labels", "negative label", "no labels"])
def test_damaged_batches_are_refused(tmp_path, changed, sentence):
    """Whatever unpickles must still be bytes and labels that fit."""
    write_batches(tmp_path, **changed)
    with pytest.raises(DataError, match=f"test_batch' {sentence}"):
        load("cifar10", tmp_path)


def test_a_cut_batch_is_refused(tmp_path):
    """As an interrupted copy leaves it."""
    batch = write_batches(tmp_path) / "data_batch_4"
    batch.write_bytes(batch.read_bytes()[:-100])
    with pytest.raises(DataError, match="data_batch_4' isn't a batch of CIFAR-10"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_an_image_tree_becomes_tensors(tmp_path, suffix):
    """Classes in the order of their names, which is CIFAR-10's; never official, since it was encoded anew."""
    write_tree(tmp_path, suffix)
    images = load("cifar10", tmp_path)

    assert images.train_images.shape == (10, 3, 32, 32) and images.train_labels.tolist() == list(range(10))
    assert images.train_images.float().mean((1, 2, 3)).tolist() == pytest.approx([10 * k for k in range(10)], abs=1)
    assert images.classes == OBJECTS and not images.official and images.lossy == {"png": "", "jpg": "JPEG"}[suffix]


def test_what_is_no_image_tells_nothing_of_how_they_were_compressed(tmp_path):
    (write_tree(tmp_path) / "train" / "frog" / ".DS_Store").write_bytes(b"a folder's window on macOS")

    assert load("cifar10", tmp_path).lossy == ""


def test_the_test_images_of_a_tree_come_in_turns_of_the_classes():
    labels = torch.tensor([0, 0, 0, 1, 2, 2])
    images, turned = in_turns(10 * labels + torch.tensor([0, 1, 2, 0, 0, 1]), labels)

    assert turned.tolist() == [0, 1, 2, 0, 2, 0] and images.tolist() == [0, 10, 20, 1, 21, 2]


def test_the_digest_of_a_tree_has_every_image_with_its_label(tmp_path):
    """Also of those after the first thousand, for they are read in turns."""
    train = write_tree(tmp_path) / "train"
    for number in range(1, 1001):
        (train / "truck" / f"{number}.png").hardlink_to(train / ("frog" if number % 7 else "truck") / "0.png")
    images, labels, [digest] = read_tree(train, OBJECTS, 32)
    files = sorted(train.glob("*/*.png"), key=str)
    sums = [bytes([OBJECTS.index(file.parent.name)]) + sha256(file.read_bytes()).digest() for file in files]

    assert len(images) == len(labels) == 1010 and digest == sha256(b"".join(sums)).hexdigest()


@pytest.mark.parametrize("sentence, spoil", [
    ("frog/0.png' isn't an intact image", lambda frog: frog.write_bytes(frog.read_bytes()[:40])),
    ("frog/0.png' isn't an intact image", lambda frog: frog.write_bytes(b"")),
    ("frog/0.png' is 32x31 px, not 32x32", lambda frog: Image.new("RGB", (32, 31)).save(frog)),
    ("train' has no images of frog", lambda frog: frog.unlink()),
    ("train' has the unknown class toad", lambda frog: frog.parent.rename(frog.parent.with_name("toad"))),
], ids=["cut", "empty", "other size", "class without images", "unknown class"])
def test_damaged_trees_are_refused(tmp_path, sentence, spoil):
    """The image or the class is named."""
    spoil(write_tree(tmp_path) / "train" / "frog" / "0.png")
    with pytest.raises(DataError, match=sentence):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("cut", [1, 300], ids=["last byte", "pixels"])
def test_a_cut_jpeg_is_refused(tmp_path, cut):
    """As an interrupted copy leaves it: a decoder may fill what is missing with grey."""
    frog = write_tree(tmp_path, "jpg") / "test" / "frog" / "0.jpg"
    Image.fromarray(pixels(32, 32, 3)).save(frog)
    frog.write_bytes(frog.read_bytes()[:-cut])
    with pytest.raises(DataError, match="frog/0.jpg' isn't an intact image"):
        load("cifar10", tmp_path)


def test_jpeg_pixels_are_pillows(tmp_path):
    """Colour at half the resolution, as photographs are kept."""
    frog = write_tree(tmp_path, "jpg") / "test" / "frog" / "0.jpg"
    Image.fromarray(pixels(32, 32, 3)).save(frog, quality=80, subsampling="4:2:0")
    expected = torch.from_numpy(np.asarray(Image.open(frog)).copy()).permute(2, 0, 1)

    assert torch.equal(load("cifar10", tmp_path).test_images[OBJECTS.index("frog")], expected)
