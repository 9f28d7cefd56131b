"""Tests on moved images, and in both modes: the answers are those of torch's own net on those very images."""
import pytest
import torch

from lab.data.datasets import load
from lab.models.small.even import EvenNet
from lab.models.small.narrow_vgg import SmallCifarVGG
from lab.training.modes import BATCHES, both_modes
from lab.training.moved_images import SHIFTS, answer_moved

SEED, TESTED = 5, 230


@pytest.fixture
def untrained():
    """`untrained(model, **architecture)`: the net of SEED."""
    def build(model, **architecture):
        with torch.random.fork_rng():
            torch.manual_seed(SEED)
            return model(**architecture)
    return build


@pytest.fixture
def digits():
    """Standardised test images, and their labels."""
    data = load("digits", ".")
    pixels = data.train_images.double()
    return ((data.test_images[:TESTED] - pixels.mean()) / pixels.std(correction=0)).float(), data.test_labels[:TESTED]


def test_images_are_moved_by_whole_pixels_of_the_net(tmp_path, untrained, digits):
    """Against the net on images rolled by two pixels for one."""
    net, (images, labels) = dict(widths=(3,), strides=(2,), flat=True), digits
    [trial] = answer_moved([SEED], data_dir=tmp_path, model=EvenNet, steps=0, tested=TESTED, **net)
    model = untrained(EvenNet, **net).eval()
    answers = [model(images.roll(2 * shift, -1)).argmax(1) for shift in SHIFTS]
    accuracy = [100 * (answer == labels).double().mean().item() for answer in answers]

    assert trial["accuracy by shift"] == pytest.approx(accuracy, abs=0.5)
    assert trial["answers changed"] > 5 and trial["diverged"] == 0.0


def test_an_even_net_gives_moved_images_the_same_answers(tmp_path):
    [trial] = answer_moved([SEED], data_dir=tmp_path, model=EvenNet, widths=(3,), strides=(1,), steps=0)

    assert trial["answers changed"] < 1 and trial["accuracy lost"] == pytest.approx(0, abs=1)


def test_both_modes_are_torchs_own(tmp_path, untrained, digits):
    images, labels = digits
    [trial] = both_modes([SEED], data_dir=tmp_path, model=SmallCifarVGG, steps=0, tested=TESTED)
    orders = {"mixed": torch.arange(TESTED), "sorted by class": labels.argsort(stable=True)}
    net = untrained(SmallCifarVGG)
    with torch.no_grad():
        usual = net.eval()(images).argmax(1).eq(labels).double().mean().item() * 100
        found = {name: [100 * sum(net.train()(images[pick]).argmax(1).eq(labels[pick]).sum().item()
                                  for pick in order.split(batch)) / TESTED for batch in BATCHES]
                 for name, order in orders.items()}

    assert trial["evaluation mode"] == pytest.approx(usual, abs=0.5)
    assert [trial[name] for name in found] == [pytest.approx(values, abs=0.5) for values in found.values()]
    assert trial["lost, sorted, 10 at a time"] == trial["evaluation mode"] - trial["sorted by class"][BATCHES.index(10)]


def test_training_learns_and_what_diverges_loses_nothing(tmp_path):
    [trial] = both_modes([SEED], data_dir=tmp_path, model=SmallCifarVGG, steps=40, lr=0.01, tested=TESTED)
    [lost] = both_modes([SEED], data_dir=tmp_path, model=SmallCifarVGG, steps=3, lr=1e30, tested=TESTED)
    [moved] = answer_moved([SEED], data_dir=tmp_path, model=EvenNet, steps=3, lr=1e30, tested=TESTED)

    assert trial["evaluation mode"] > 40 and trial["lost, sorted, 10 at a time"] > 10
    assert lost["diverged"] == 1.0 and lost["lost, sorted, 10 at a time"] == 0
    assert moved["diverged"] == 1.0 and moved["accuracy lost"] == moved["answers changed"] == 0
