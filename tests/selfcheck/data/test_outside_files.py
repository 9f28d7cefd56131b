"""Are files that no data set has looked at before they are read: does none hang the reader or fill the memory?"""
import gzip
import json
import os
import pickle
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from lab.data import readers
from lab.data.datasets import DataError, load
from selfcheck.data_samples import TEST_LABELS, TRAIN_IMAGES, pixels, write_batches, write_mnist, write_tree

READER = """
import json, resource, signal, sys
from pathlib import Path
from lab.data.datasets import DataError, load

class Hung(BaseException):
    pass

def hung(*_):
    raise Hung
signal.signal(signal.SIGALRM, hung)
status = Path("/proc/self/status")      # Linux alone tells a process's peak
if status.exists():
    resource.setrlimit(resource.RLIMIT_AS, (8 * 10**9, -1))     # a fault here must not take the machine's memory
for folder in sorted(Path(sys.argv[1]).iterdir()):
    signal.alarm(20)
    try:
        told = load("mnist" if (folder / "MNIST").exists() else "cifar10", folder).name
    except DataError as refusal:
        told = str(refusal)
    except (Hung, Exception) as error:
        told = type(error).__name__
    peaks = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else [0]
    print(json.dumps([folder.name, told, 1024 * int(peaks[0])]), flush=True)
"""
SHARED = b"(lp0\nI1\na" + b"".join(b"0(lp%d\n" % n + b"g%d\na" % (n - 1) * 10 for n in range(1, 10))
DOUBLED = b"c_codecs\nencode\n" * 30 + b"C\2ab" + b"Vhex\n\x86R" * 30


def instead(make):
    """A damage: `make(path)` puts something in the place of MNIST's last labels."""
    def damage(root):
        place = write_mnist(root) / TEST_LABELS
        place.unlink()
        make(place)
    return damage


def packed(make):
    """A damage: `make(path)` puts something in the place of MNIST's packed images."""
    def damage(root):
        place = write_mnist(root) / TRAIN_IMAGES
        place.unlink()
        make(place.with_name(TRAIN_IMAGES + ".gz"))
    return damage


def frog(make, suffix="png"):
    """A damage: `make(path)` puts something in the place of an image of a tree."""
    def damage(root):
        place = write_tree(root, suffix) / "train" / "frog" / f"0.{suffix}"
        place.unlink()
        make(place)
    return damage


def batch(raw):
    """A damage: these bytes in the place of CIFAR-10's test batch."""
    return lambda root: (write_batches(root) / "test_batch").write_bytes(raw)


def a_socket(place):
    here = os.getcwd()
    os.chdir(place.parent)      # a socket's address may have 100 letters
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(place.name)
    os.chdir(here)


def sparse(place):
    with place.open("wb") as file:
        file.truncate(50 * 10**9)


def a_zip(place):
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(TRAIN_IMAGES, b"")


def huge(place):
    Image.new("L", (13_000, 13_000)).save(place)


def dictionary(**entries):
    """A pickled batch of which some entries are given as pickles without their end."""
    given = {"data": pickle.dumps(pixels(2, 3072), protocol=2)[2:-1], "labels": b"(lI3\naI9\na"} | entries
    return b"\x80\x02(" + b"".join(b"V%s\n" % key.encode() + part for key, part in given.items()) + b"d."


DAMAGE = {
    "a fifo": (instead(os.mkfifo), f"{TEST_LABELS}' is a fifo, not a file"),
    "a socket": (instead(a_socket), f"{TEST_LABELS}' is a socket, not a file"),
    "a device by a link": (instead(lambda place: place.symlink_to("/dev/zero")), "' is a device, not a file"),
    "a link to itself": (instead(lambda place: place.symlink_to(place)), "' can't be read ("),
    "50 GB of nothing": (instead(sparse), "' holds 50,000,000,000 bytes, more than 200,000,000"),
    "a gz that unpacks to 2 GB": (packed(lambda place: place.write_bytes(gzip.compress(bytes(20_000_000), 1) * 100)),
                                  ".gz' unpacks to more than 200,000,000 bytes"),
    "a gz that is a zip": (packed(a_zip), ".gz' can't be read (Not a gzipped file"),
    "a gz that is a fifo": (packed(os.mkfifo), ".gz' is a fifo, not a file"),
    "a fifo as picture": (frog(os.mkfifo), "0.png' is a fifo, not a file"),
    "a folder as picture": (frog(Path.mkdir), "0.png' is a folder where images belong"),
    "a folder in circles": (lambda root: (write_tree(root) / "train/frog/round").symlink_to("."),
                            "round' is a folder where images belong"),
    "a picture linked to itself": (frog(lambda place: place.symlink_to(place)), "train' can't be read as an image"),
    "50 GB as picture": (frog(sparse), "0.png' holds 50,000,000,000 bytes, more than 20,000,000"),
    "a png of 169 megapixels": (frog(huge), "0.png' is 13000x13000 px, not 32x32"),
    "a jpeg of 169 megapixels": (frog(huge, "jpg"), "0.jpg' is 13000x13000 px, not 32x32"),
    "a batch that is a fifo": (lambda root: [(write_batches(root) / "test_batch").unlink(),
                                             os.mkfifo(root / "cifar-10-batches-py/test_batch")], "' is a fifo"),
    "a pickle of few bytes with room for 200 million": (batch(b"\x80\x02]r\xff\xff\xff\x0b."), "more than it holds"),
    "a pickle of 30 million lists": (batch(b"\x80\x02" + b"]" * 30_000_000 + b"."), "more than it holds"),
    "a pickled array of any shape": (batch(dictionary(data=b"cnumpy\nndarray\n((I500000\nI3072\ntVO\ntR")),
                                     "isn't a batch of CIFAR-10"),
    "pickled pixels in lists of lists": (batch(dictionary(data=SHARED)), "not a list of numbers"),
    "pickled labels in lists of lists": (batch(dictionary(labels=SHARED)), "not a list of numbers"),
    "pickled text that doubles": (batch(dictionary(data=DOUBLED)), "isn't a batch of CIFAR-10"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """{damage: (what the reader of it said, its peak of memory in bytes)}: all in one process of its own."""
    root = tmp_path_factory.mktemp("outside")
    for name, (damage, _) in DAMAGE.items():
        (root / name).mkdir()
        damage(root / name)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", READER, root], cwd=Path(readers.__file__).parents[2],
                          capture_output=True, text=True, timeout=500)
    return {name: (told, peak) for name, told, peak in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_is_no_data_file_is_refused_in_one_sentence(read, name):
    told, peak = read[name]

    assert DAMAGE[name][1] in told and "\n" not in told
    assert told.endswith("delete it and run with --download, or put an intact copy there")
    assert peak < 2_000_000_000


@pytest.mark.parametrize("name", ["loop", "x" * 300], ids=["a link to itself", "a name too long"])
def test_a_data_folder_that_can_not_be_looked_at_is_refused(tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DataError, match="--data-dir '.* is no folder .*: name the one that holds"):
        load("mnist", tmp_path / name)
