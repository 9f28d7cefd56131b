"""Do the data readers notice what torchvision doesn't? Small files in each layout, well-formed and then damaged."""
import gzip
import hashlib
import pickle
import struct
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from lab import data, embedded
from lab.data import OBJECTS, DataError, DataMissing, describe, download, handwritten_digits, load, standardised
from lab.errors import NotAvailable

TRAIN, TEST = 7, 3          # images, in MNIST's layout
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = data.MNIST_SHA256


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


@pytest.mark.parametrize("pack", [None, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("folder", ["data", "дані 数据 it's \"quoted\"", "a\nb"], ids=["plain", "unicode", "newline"])
def test_mnist_files_become_tensors(tmp_path, folder, pack):
    """Any number of images is well-formed; only the published files are official."""
    write_mnist(tmp_path / folder, pack)
    images = load("mnist", tmp_path / folder)

    assert images.train_images.shape == (TRAIN, 1, 28, 28) and images.test_images.shape == (TEST, 1, 28, 28)
    assert torch.equal(images.train_images[:, 0], torch.from_numpy(pixels(TRAIN, 28, 28)))
    assert images.test_labels.tolist() == [0, 1, 2] and images.test_labels.dtype == torch.int64
    assert not images.official and images.unofficial == tuple(data.MNIST_SHA256)
    assert load("mnist", str(tmp_path / folder)) is images        # once per process


def truncated(raw):
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes()[:-1])


def longer(raw):
    (raw / TEST_IMAGES).write_bytes((raw / TEST_IMAGES).read_bytes() + b"\0")


def empty(raw):
    (raw / TEST_LABELS).write_bytes(b"")


def header_only(raw):
    (raw / TEST_LABELS).write_bytes(idx(np.zeros(0, np.uint8)))


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
    flipped_magic: f"{TRAIN_LABELS}' doesn't begin as an idx file of bytes in 1 dimension",
    flipped_size: f"{TRAIN_IMAGES}' promises the shape [7, 29, 28], not ['N', 28, 28]",
    endless: f"{TEST_LABELS}' holds 9 bytes where its header promises 4,294,967,295",
    label_200: f"{TRAIN_LABELS}' holds the label 200 where labels run from 0 to 9",
    too_many_labels: f"{TEST_LABELS}' holds 7 labels for 3 images",
    one_missing: f"raw' has no {TEST_LABELS}",
    a_folder_instead: f"{TEST_LABELS}' can't be read (",
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


def test_a_flipped_pixel_costs_the_seal(tmp_path, monkeypatch):
    """The file stays readable, its checksum doesn't: exactly that file is named as unofficial."""
    raw = write_mnist(tmp_path)
    sums = {name: hashlib.sha256((raw / name).read_bytes()).hexdigest() for name in data.MNIST_SHA256}
    monkeypatch.setattr(data, "MNIST_SHA256", sums)
    intact = data.READERS["mnist"](tmp_path)
    content = bytearray((raw / TEST_IMAGES).read_bytes())
    content[100] ^= 1
    (raw / TEST_IMAGES).write_bytes(content)
    flipped = load("mnist", tmp_path)

    assert intact.official and not flipped.official
    assert flipped.unofficial == (TEST_IMAGES,) and flipped.sha256 != intact.sha256


def test_absent_sets_are_missing_and_say_how_to_get_them(tmp_path):
    """Missing is NOT RUN, with the remedy; the handwritten digits fall back on the embedded ones."""
    for name in ("mnist", "cifar10"):
        with pytest.raises(DataMissing, match="run with --download, or name its folder with --data-dir") as missing:
            load(name, tmp_path / "nowhere")
        assert isinstance(missing.value, NotAvailable)
    assert handwritten_digits(tmp_path / "nowhere").name == "digits"


def test_a_file_as_data_folder_is_refused(tmp_path):
    """One sentence, whatever is asked of it."""
    (tmp_path / "notes.txt").write_text("not a folder")
    with pytest.raises(DataError, match=r"--data-dir '.*notes.txt' is a file: name the folder"):
        handwritten_digits(tmp_path / "notes.txt")
    with pytest.raises(DataError, match="no data set 'minst': choose one of mnist, cifar10, digits"):
        load("minst", tmp_path)


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
    assert images.classes == OBJECTS and not images.official


@pytest.mark.parametrize("sentence, spoil", [
    ("frog/0.png' isn't an intact image", lambda frog: frog.write_bytes(frog.read_bytes()[:40])),
    ("frog/0.png' isn't an intact image", lambda frog: frog.write_bytes(b"")),
    ("frog/0.png' is an image of .31, 32. pixels", lambda frog: Image.new("RGB", (32, 31)).save(frog)),
    ("train' has no images of frog", lambda frog: frog.unlink()),
    ("train' has the unknown class toad", lambda frog: frog.parent.rename(frog.parent.with_name("toad"))),
], ids=["cut", "empty", "other size", "class without images", "unknown class"])
def test_damaged_trees_are_refused(tmp_path, sentence, spoil):
    """The image or the class is named."""
    spoil(write_tree(tmp_path) / "train" / "frog" / "0.png")
    with pytest.raises(DataError, match=sentence):
        load("cifar10", tmp_path)


def test_embedded_digits_are_fixed_real_digits():
    """All 1,797, none in both parts, each digit in both in equal shares, the same every time."""
    images = load("digits", "nowhere")
    shares = images.test_labels.bincount() / (images.test_labels.bincount() + images.train_labels.bincount())
    again = embedded.digits()

    assert images.train_images.shape == (1297, 1, 28, 28) and images.test_images.shape == (500, 1, 28, 28)
    assert len({image.numpy().tobytes() for image in [*images.train_images, *images.test_images]}) == 1797
    assert shares.tolist() == pytest.approx([500 / 1797] * 10, abs=0.01)
    assert torch.equal(again[0][0], images.train_images) and torch.equal(again[1][1], images.test_labels)
    assert images.official


def test_embedded_digits_move_by_at_most_two_pixels():
    """Each corner lies within 2 px of the centred one, so a border of 2 px is never inked."""
    images, corners = load("digits", "nowhere").train_images, embedded.corners(1797)
    border = torch.ones(28, 28, dtype=torch.bool)
    border[2:26, 2:26] = False

    assert (images[:, 0, border] == 0).all()
    assert np.unique(corners - 4).tolist() == [-2, -1, 0, 1, 2]


def test_standardised_pixels():
    """(pixel / 255 - mean) / std, per channel; with the set's own constants, mean 0 and standard deviation 1."""
    images = torch.tensor([[[[0, 255]], [[51, 102]]]], dtype=torch.uint8)       # [1, 2, 1, 2]
    digits = load("digits", "nowhere").train_images
    std, mean = (value.item() for value in torch.std_mean(digits / 255))

    assert standardised(images, [0.5, 0.2], [0.5, 0.1]).flatten().tolist() == pytest.approx([-1, 1, 0, 2])
    assert torch.std_mean(standardised(digits, mean, std)) == (pytest.approx(1, abs=1e-4), pytest.approx(0, abs=1e-4))


def test_download_moves_a_checked_set_into_place(tmp_path, monkeypatch):
    """Through torchvision, and only if the set is absent."""
    calls = []
    monkeypatch.setattr(torchvision.datasets, "MNIST", lambda root, download: calls.append(write_mnist(Path(root))))
    first, second = (download("mnist", tmp_path / "new") for _ in range(2))

    assert first is second and len(calls) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["MNIST"]


def test_a_failed_download_leaves_nothing(tmp_path, monkeypatch):
    """No network, and a network that ends halfway: one sentence, and the folder as before."""
    def unreachable(root, download):
        raise URLError("no route to host")

    def half(root, download):
        truncated(write_mnist(Path(root)))

    for fetch, reason in [(unreachable, "no route to host"), (half, "header promises 5,488")]:
        monkeypatch.setattr(torchvision.datasets, "MNIST", fetch)
        with pytest.raises(DataError, match=f"mnist couldn't be downloaded into .*{reason}.*: check network and disk"):
            download("mnist", tmp_path)
        assert not list(tmp_path.iterdir())


def test_real_mnist_is_official(data_dir):
    """60,000 and 10,000 images whose mean and standard deviation are the constants that everyone copies."""
    try:
        images = load("mnist", data_dir)
    except DataMissing as absent:
        pytest.skip(str(absent))
    std, mean = torch.std_mean(images.train_images / 255)

    assert images.official and describe(images)["images"] == 70_000
    assert (round(mean.item(), 4), round(std.item(), 4)) == (0.1307, 0.3081)
