"""Does each variation of training change the one thing that it names, and nothing else?"""
import pytest
import torch
from torch.nn import functional as F
from torchvision.transforms import Normalize

from lab.data.datasets import load, standardised
from lab.models.small.hidden_layers import Wide
from lab.models.small.shuffled import FullyConnected
from lab.training.randomness import batches, stream, subset
from lab.training.sgd import network_input, train_classifier
from lab.training.variations import (
    OTHER_SEEDS,
    VariedLanes,
    VariedRecipe,
    in_order,
    partly_random,
    shifted,
    train_varied,
)

SEED = 3


@pytest.fixture
def recipe(tmp_path):
    return dict(data_dir=tmp_path, model=FullyConnected, steps=5, lr=(0.01, 0.1), images=130, tested=101)


@pytest.mark.parametrize("model", [FullyConnected, Wide], ids=["all seeds at once", "eight at once"])
def test_training_without_a_variation_is_training(recipe, model):
    """Also for more seeds than the net trains at once."""
    same = {**recipe, "model": model}
    assert train_varied(list(range(5)), **same) == train_classifier(list(range(5)), **same)


@pytest.mark.parametrize("variation", [
    pytest.param({"order": "as in the file"}, id="as in the file"),
    pytest.param({"order": "sorted by class"}, id="sorted by class"),
    pytest.param({"order": "shuffled once"}, id="shuffled once"),
    pytest.param({"mislabelled": 0.5}, id="half of the labels at random"),
    pytest.param({"constants": (0.0, 1.0)}, id="only divided"),
    pytest.param({"constants": (0.5, 0.5)}, id="other constants"),
    pytest.param({"shift": 2}, id="shifted"),
    pytest.param({"model": Wide, "dropout": 0.5}, id="dropout"),
    pytest.param({"repetition": 1}, id="repeated"),
])
def test_each_variation_changes_training(recipe, variation):
    same = {**recipe, "model": variation.get("model", FullyConnected)}
    [varied], [plain] = train_varied([SEED], **{**same, **variation}), train_varied([SEED], **same)
    assert varied["loss curve"] != plain["loss curve"]


def test_a_repetition_is_a_run_of_other_seeds(recipe):
    assert train_varied([SEED], **recipe, repetition=2) == train_varied([SEED + 2 * OTHER_SEEDS], **recipe)


@pytest.mark.parametrize("order, key", [
    pytest.param("as in the file", lambda labels: lambda index: index, id="as in the file"),
    pytest.param("sorted by class", lambda labels: lambda index: (labels[index], index), id="sorted by class"),
])
def test_batches_in_order_show_the_same_images_in_every_epoch(order, key):
    labels = torch.arange(1000) * 7 % 10
    shuffled = list(batches(SEED, subset(SEED, 1000, 100), 32, 9))
    found = list(in_order(order, shuffled, labels))
    expected = sorted(torch.cat(shuffled).unique().tolist(), key=key(labels.tolist()))

    assert [len(pick) for pick in found] == [32, 32, 32, 4] * 2 + [32]
    assert torch.cat(found[:4]).tolist() == torch.cat(found[4:8]).tolist() == expected


def test_shuffled_once_is_the_first_epoch_again_and_again():
    labels = torch.zeros(1000)
    shuffled = list(batches(SEED, subset(SEED, 1000, 100), 32, 9))
    found = list(in_order("shuffled once", shuffled, labels))

    assert [len(pick) for pick in found] == [32, 32, 32, 4] * 2 + [32]
    assert all(one.equal(other) for one, other in zip(found, [*shuffled[:4], *shuffled[:4], shuffled[0]]))


def test_shifted_images_lie_up_to_so_many_pixels_away():
    """In every direction, each by its own draw, with nothing in the gap."""
    images = torch.randint(1, 256, (300, 2, 5, 4), dtype=torch.uint8)
    moved, places = shifted(images, 1, stream(SEED, "shifts")), set()
    for image, seen in zip(images, moved):
        around = F.pad(image, [1] * 4)
        [place] = [(down, right) for down in range(3) for right in range(3)
                   if seen.equal(around[:, down:down + 5, right:right + 4])]
        places.add(place)

    assert len(places) == 9


def test_masks_leave_units_out_in_training_alone(tmp_path):
    """The others weigh more, so that a unit's mean stays: 1 / kept."""
    images = [torch.zeros(40, 1, 28, 28)] * 2
    recipe = VariedRecipe.of(data_dir=tmp_path, model=Wide, steps=1, dropout=0.2)
    lanes = VariedLanes(recipe, [(SEED, 0.01), (5, 0.01)], *network_input("digits", tmp_path))
    _, masks = lanes.inputs(images, training=True)

    assert masks.shape == (2, 40, 300) and not masks[0].equal(masks[1])
    assert masks.unique().tolist() == pytest.approx([0, 1 / 0.8]) and masks.mean().item() == pytest.approx(1, abs=0.02)
    assert len(lanes.inputs(images)) == 1


def test_tests_are_made_on_images_as_they_are(recipe):
    """At rate 0 only what is tested can differ."""
    still = {**recipe, "model": Wide, "lr": 0.0}
    [varied], [plain] = train_varied([SEED], **still, shift=2, dropout=0.5), train_varied([SEED], **still)
    assert varied["loss curve"] != plain["loss curve"]
    assert [varied[f"{part} accuracy"] for part in ("test", "training")] == [
        plain[f"{part} accuracy"] for part in ("test", "training")]


def test_a_share_of_the_labels_is_drawn_at_random():
    """The same ones each time; a tenth of those drawn are right by chance."""
    labels = load("digits", ".").train_labels
    wrong, again = (partly_random(labels, 0.4) for _ in range(2))

    assert wrong.equal(again) and wrong.unique().tolist() == list(range(10))
    assert (wrong != labels).double().mean().item() == pytest.approx(0.4 * 0.9, abs=0.04)
    assert partly_random(labels, 0.0).equal(labels)


@pytest.mark.parametrize("mean, deviation, expected", [
    pytest.param(0.0, 1.0, [0, 0.2, 1], id="only divided"),
    pytest.param(0.5, 0.5, [-1, -0.6, 1], id="0.5 and 0.5"),
])
def test_pixels_are_normalised_as_torchvision_does(mean, deviation, expected):
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8)

    assert standardised(pixels, mean, deviation).flatten().tolist() == pytest.approx(expected)
    assert Normalize(mean, deviation)(pixels.view(1, 1, 3) / 255).flatten().tolist() == pytest.approx(expected)


def test_the_data_sets_own_constants_are_the_default(recipe):
    pixels = load("digits", ".").train_images.double() / 255
    own = pixels.mean().item(), pixels.std(correction=0).item()
    [typed], [default] = train_varied([SEED], **recipe, constants=own), train_varied([SEED], **recipe)
    assert typed["loss curve"] == pytest.approx(default["loss curve"], rel=1e-4)
