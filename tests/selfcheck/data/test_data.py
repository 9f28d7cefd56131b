"""Is the data what it says? Sets from small folders, their seals, the embedded digits, and downloads that fail."""
import gzip
import hashlib
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from lab.data import datasets, embedded_digits
from lab.data.datasets import (
    DataError,
    DataMissing,
    describe,
    download,
    handwritten_digits,
    load,
    standardised,
)
from lab.errors import NotAvailable
from selfcheck.data_samples import TEST, TEST_IMAGES, TRAIN, TRAIN_IMAGES, pixels, write_mnist


@pytest.mark.parametrize("pack", [None, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("folder", ["data", "дані 数据 it's \"quoted\"", "a\nb"], ids=["plain", "unicode", "newline"])
def test_mnist_files_become_tensors(tmp_path, folder, pack):
    """Any number of images is well-formed; only the published files are official."""
    write_mnist(tmp_path / folder, pack)
    images = load("mnist", tmp_path / folder)

    assert images.train_images.shape == (TRAIN, 1, 28, 28) and images.test_images.shape == (TEST, 1, 28, 28)
    assert torch.equal(images.train_images[:, 0], torch.from_numpy(pixels(TRAIN, 28, 28)))
    assert images.test_labels.tolist() == [0, 1, 2] and images.test_labels.dtype == torch.int64
    assert not images.official and images.unofficial == tuple(datasets.MNIST_SHA256)
    assert load("mnist", str(tmp_path / folder)) is images        # once per process


def test_a_flipped_pixel_costs_the_seal(tmp_path, monkeypatch):
    """The file stays readable, its checksum doesn't: exactly that file is named as unofficial."""
    raw = write_mnist(tmp_path)
    sums = {name: hashlib.sha256((raw / name).read_bytes()).hexdigest() for name in datasets.MNIST_SHA256}
    monkeypatch.setattr(datasets, "MNIST_SHA256", sums)
    intact = datasets.READERS["mnist"](tmp_path)
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
    with pytest.raises(DataError, match=r"--data-dir '.*notes.txt' is no folder \(it is a file\): name"):
        handwritten_digits(tmp_path / "notes.txt")
    with pytest.raises(DataError, match="no data set 'minst': choose one of mnist, cifar10, digits"):
        load("minst", tmp_path)


def test_embedded_digits_are_fixed_real_digits():
    """All 1,797, none in both parts, each digit in both in equal shares, the same every time."""
    images = load("digits", "nowhere")
    shares = images.test_labels.bincount() / (images.test_labels.bincount() + images.train_labels.bincount())
    again = embedded_digits.digits()

    assert images.train_images.shape == (1297, 1, 28, 28) and images.test_images.shape == (500, 1, 28, 28)
    assert len({image.numpy().tobytes() for image in [*images.train_images, *images.test_images]}) == 1797
    assert shares.tolist() == pytest.approx([500 / 1797] * 10, abs=0.01)
    assert torch.equal(again[0][0], images.train_images) and torch.equal(again[1][1], images.test_labels)
    assert images.official


def test_embedded_digits_are_scikit_learns_enlarged():
    """Grey levels 0 to 16 become 0 to 255, blown up, at their corner."""
    digit = np.arange(64).reshape(8, 8).astype(np.uint8) % 17
    large = Image.fromarray((digit * 15.9375).round().astype(np.uint8)).resize((20, 20), Image.Resampling.BICUBIC)
    expected = np.pad(np.asarray(large), ((3, 5), (6, 2)))

    assert np.array_equal(embedded_digits.placed(digit, (3, 6)), expected[None])


def test_embedded_digits_move_by_at_most_two_pixels():
    """Each corner lies within 2 px of the centred one, so a border of 2 px is never inked."""
    images, corners = load("digits", "nowhere").train_images, embedded_digits.corners(1797)
    border = torch.ones(28, 28, dtype=torch.bool)
    border[2:26, 2:26] = False

    assert (images[:, 0, border] == 0).all()
    assert np.unique(corners - 4).tolist() == [-2, -1, 0, 1, 2]


def test_noise_to_try_recipes_has_cifars_shape_and_a_picture_of_each_class():
    images = load("noise", "nowhere")

    assert images.train_images.shape == (10, 3, 32, 32) and images.train_labels.tolist() == list(range(10))
    assert torch.equal(images.test_images, images.train_images[:3]) and images.test_labels.tolist() == [0, 1, 2]


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
        raise URLError("no route to host\n(after three tries)")

    def half(root, download):
        raw = write_mnist(Path(root))
        (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes()[:-1])

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
