"""The data sets as tensors, checked before anything is trained on them, each with its source, licence and checksum.

A data folder has torchvision's own layouts, MNIST/raw and cifar-10-batches-py; CIFAR-10 may also be an image
tree cifar10/{train,test}/<class>/. The handwritten digits of scikit-learn need no folder. Nothing is downloaded
unless `download` is called.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
import torchvision

from lab.data.readers import DataError, DataMissing, read_batch, read_idx_pair, read_tree

__all__ = [
    "DataError",
    "DataMissing",
    "Images",
    "describe",
    "download",
    "folder_of",
    "handwritten_digits",
    "load",
    "needed",
    "standardised",
]

DIGITS = tuple("0123456789")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MNIST_SHA256 = {  # of the unpacked files
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
SOURCES = {  # where it comes from, and what its makers allow
    "mnist": ("MNIST (LeCun, Cortes and Burges, 1998)", "CC BY-SA 3.0"),
    "cifar10": ("CIFAR-10 (Krizhevsky, 2009)", "none stated by its author"),
    "digits": ("Optical Recognition of Handwritten Digits (Alpaydin and Kaynak, 1998), in scikit-learn", "CC BY 4.0"),
}


@dataclass(frozen=True, eq=False)
class Images:
    """A data set in memory, shared by all who load it: don't write to its tensors.

    Images are uint8 [N, C, H, W], labels int64 [N], indices into `classes`. `sha256` is taken over the
    checksums of all its files in order; `unofficial` names the parts whose checksum isn't the publisher's; `lossy`: how
    the pixels were compressed with loss, "JPEG", or "".
    """

    name: str
    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    classes: tuple[str, ...]
    source: str
    licence: str
    sha256: str
    unofficial: tuple[str, ...] = ()
    lossy: str = ""

    @property
    def official(self):
        return not self.unofficial


def load(name, data_dir):
    """The data set "mnist", "cifar10" or "digits" from a data folder; read and checked once per process.

    Raises DataMissing where it isn't there, DataError where it is broken, both with the remedy.
    """
    if name not in READERS:
        raise DataError(f"there is no data set {name!r}: choose one of {', '.join(READERS)}")
    return _load(name, folder_of(data_dir))


def folder_of(data_dir):
    """Full path of a data folder, there or not; raises DataError where it is a file, or can't be a folder at all."""
    try:
        folder = Path(data_dir).expanduser().resolve()
        if not folder.exists() or folder.is_dir():
            return folder
        reason = "it is a file"
    except (OSError, RuntimeError, TypeError) as error:  # the second: no user of that name, or a link to itself
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
    raise DataError(f"--data-dir {str(data_dir)!r:.100} is no folder ({reason}): name the one that holds the data sets")


@cache
def _load(name, folder):
    return READERS[name](folder)


def needed(name, data_dir):
    """As `load`; "handwritten" is what there is of handwritten digits."""
    return handwritten_digits(data_dir) if name == "handwritten" else load(name, data_dir)


def handwritten_digits(data_dir):
    """MNIST where it is there, else the embedded digits. A broken MNIST isn't replaced: it raises DataError."""
    try:
        return load("mnist", data_dir)
    except DataMissing:
        return load("digits", data_dir)


def describe(images):
    """The row of evidence.json on a data set: plain data."""
    return {
        "name": images.name,
        "source": images.source,
        "licence": images.licence,
        "sha256": images.sha256,
        "images": len(images.train_images) + len(images.test_images),
        "official": images.official,
        "lossy": images.lossy,
    }


def standardised(images, mean, std):
    """uint8 images [N, C, H, W] -> float32 (pixel / 255 - mean) / std; mean and std are numbers or one per channel."""
    mean, std = (
        torch.as_tensor(value, dtype=torch.float32, device=images.device).reshape(-1, 1, 1) for value in (mean, std)
    )
    return (images.float() / 255 - mean) / std


def download(name, data_dir):
    """Fetch an absent set through torchvision, and load it.

    It is checked in a draft folder before it moves into place, so that an interrupted download leaves no half of it.
    Raises DataError where the network or the folder fails, or where a broken set is in the way.
    """
    try:
        return load(name, data_dir)
    except DataMissing:
        folder = folder_of(data_dir)
    fetch, inner = {
        "mnist": (torchvision.datasets.MNIST, Path("MNIST/raw")),
        "cifar10": (torchvision.datasets.CIFAR10, Path("cifar-10-batches-py")),
    }[name]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="download-", dir=folder) as draft:
            fetch(draft, download=True)
            READERS[name](Path(draft))
            (folder / inner).parent.mkdir(exist_ok=True)
            os.replace(Path(draft) / inner, folder / inner)
    except Exception as error:  # whatever the network, the disk or torchvision raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"{name} couldn't be downloaded into {str(folder)!r} ({reason}): "
            "check network and disk, or put its files there yourself"
        ) from error
    return load(name, folder)


def _mnist(data_dir):
    folder = data_dir / "MNIST" / "raw"
    if not any((folder / (name + packed)).exists() for name in MNIST_SHA256 for packed in ("", ".gz")):
        raise _missing("MNIST", folder)
    train_images, train_labels, test_images, test_labels = (folder / name for name in MNIST_SHA256)
    *train, train_sums = read_idx_pair(train_images, train_labels, 28, DIGITS)
    *test, test_sums = read_idx_pair(test_images, test_labels, 28, DIGITS)
    sums = train_sums + test_sums
    unofficial = [name for (name, known), found in zip(MNIST_SHA256.items(), sums, strict=True) if found != known]
    return _images("mnist", train, test, sums, unofficial)


def _cifar10(data_dir):
    batches, tree = data_dir / "cifar-10-batches-py", data_dir / "cifar10"
    if batches.exists():
        return _cifar10_batches(batches)
    if not tree.exists():
        raise _missing("CIFAR-10", batches)
    *train, train_sums = read_tree(tree / "train", OBJECTS, 32)
    *test, test_sums = read_tree(tree / "test", OBJECTS, 32)
    test = in_turns(*test)
    lossy = "JPEG" if any(path.suffix.lower() in {".jpg", ".jpeg"} for path in tree.glob("*/*/*")) else ""
    return _images("cifar10", train, test, train_sums + test_sums, ["image tree (encoded anew)"], lossy)


def in_turns(images, labels):
    """Images that lie class by class, now one of each class after the other: any few of them are of all classes.

    So are a published test set's, and a net that normalises by the batch is tested on batches of all classes.
    """
    place = torch.arange(len(labels)) - torch.searchsorted(labels, labels)  # of an image in its class
    order = place.argsort(stable=True)
    return images[order], labels[order]


def _cifar10_batches(folder):
    parts, sums, unofficial = {}, [], []
    published = torchvision.datasets.CIFAR10
    for split, files in (("train", published.train_list), ("test", published.test_list)):
        images, labels, raws = zip(*(read_batch(folder / name, OBJECTS) for name, _ in files), strict=True)
        parts[split] = torch.cat(images), torch.cat(labels)
        sums += [hashlib.sha256(raw).hexdigest() for raw in raws]
        unofficial += [
            name
            for (name, md5), raw in zip(files, raws, strict=True)
            if hashlib.md5(raw, usedforsecurity=False).hexdigest() != md5
        ]
    return _images("cifar10", parts["train"], parts["test"], sums, unofficial)


def _images(name, train, test, sums, unofficial, lossy=""):
    combined = hashlib.sha256("\n".join(sums).encode()).hexdigest()
    classes = OBJECTS if name == "cifar10" else DIGITS
    return Images(name, *train, *test, classes, *SOURCES[name], combined, tuple(unofficial), lossy)


def _digits(data_dir):
    from lab.data.embedded_digits import digits  # scikit-learn takes two seconds to import: only where it is needed

    return _images("digits", *digits())


def _missing(name, folder):
    return DataMissing(f"{name} isn't at {str(folder)!r}: run with --download, or name its folder with --data-dir")


def _noise(folder):
    """Ten random pictures of ten classes to train on, three of them to test, in CIFAR-10's shape: to try a recipe."""
    pixels = torch.randint(256, (10, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))
    labels = torch.arange(10)
    return Images("noise", pixels, labels, pixels[:3], labels[:3], DIGITS, "random numbers", "none", "none")


READERS = {"mnist": _mnist, "cifar10": _cifar10, "digits": _digits, "noise": _noise}
