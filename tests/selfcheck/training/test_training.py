"""Does the loop train as torch's own would, and each seed as it would alone?"""
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lab.data.datasets import load
from lab.device import one_thread
from lab.models.layers.conv_relu_pool import ConvReluPool
from lab.models.layers.images_last import ImagesLast, Sigmoid
from lab.models.small.ladder import DepthLadder
from lab.models.small.lenet_small import SmallLeNet
from lab.models.small.shrink import Halve
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.randomness import PIXELS, batches, initial_weights, pixel_order, stream, subset
from lab.training.sgd import train_classifier

RECIPES = {
    "fully connected": dict(model=FullyConnected),
    "convolutional": dict(model=ConvolutionalNet),
    "for as long as in exercise 1": dict(model=FullyConnected, steps=120, lr=0.03, momentum=0.9),
    "with sigmoids": dict(model=SmallLeNet, activation=Sigmoid, steps=40, batch=37, lr=0.1, momentum=0.9),
    "on shuffled pixels": dict(model=FullyConnected, pixels="new permutation per image"),
    "at three rates": dict(model=FullyConnected, lr=(0.3, 0.01, 0.1)),
    "deep": dict(model=DepthLadder, depth=14, residual=True, width=3, shrink=4),
}


@pytest.fixture
def train(tmp_path):
    """`train(seeds, **recipe)` on the embedded digits, for a few steps."""
    return lambda seeds, **recipe: train_classifier(seeds, data_dir=tmp_path, **{"steps": 5, "tested": 101, **recipe})


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_seed_does_not_depend_on_its_company(train, recipe):
    """To the bit: alone, among others, and in another order."""
    alone = [train([seed], **recipe)[0] for seed in (3, 11)]
    assert train([11, 3], **recipe) == alone[::-1]
    assert train([3, 0, 5, 7, 2, 11, 13, 17, 19], **recipe)[0:6:5] == alone


def test_seeds_differ(train):
    first, second = train([0, 1], model=FullyConnected)
    assert first["loss curve"] != second["loss curve"]


@pytest.mark.parametrize("model", [FullyConnected, ConvolutionalNet])
def test_training_is_torchs_own(train, model):
    """The same losses from nn.Module, torch.optim.SGD and standardised images, one seed at a time."""
    digits = load("digits", ".")
    pixels = digits.train_images.double() / 255
    with torch.random.fork_rng():
        torch.manual_seed(5)
        net = model()
    optimizer, losses = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9), []
    for pick in batches(5, subset(5, len(pixels), 130), 64, steps=7):
        images = ((digits.train_images[pick] / 255 - pixels.mean()) / pixels.std(correction=0)).float()
        loss = F.cross_entropy(net(images), digits.train_labels[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    ours = train([5, 6], model=model, steps=7, images=130, lr=0.05, momentum=0.9)[0]
    assert ours["loss curve"] == pytest.approx(losses, rel=1e-4)


def test_accuracy_counts_right_answers(train):
    """A net that always says 3 is right where the label is 3."""
    class Three(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(F.one_hot(torch.tensor(3), 10) * 9.0)

        def forward(self, images):
            return self.bias.expand(len(images), 10)

    digits = load("digits", ".")
    trained = train([0], model=Three, tested=None, lr=0.0)[0]
    assert trained["test accuracy"] == pytest.approx(100 * (digits.test_labels == 3).double().mean().item())
    assert trained["test accuracy step"] == 100 / 500 == trained["generalization gap step"]
    assert trained["training accuracy step"] == 100 / 500


def test_a_diverged_run_counts_as_chance(train):
    lost, kept = train([0], model=FullyConnected, lr=1e30)[0], train([0], model=FullyConnected, lr=(1e30, 0.01))[0]
    assert lost["diverged"] == 1.0 and lost["test accuracy"] == lost["training accuracy"] == 10
    assert lost["training loss"] == pytest.approx(math.log(10))
    assert kept["diverged"] == 0.0 and kept["learning rate"] == 0.01


def test_each_seed_keeps_its_best_rate(train):
    rates = (0.001, 0.1, 3.0)
    for trial in train([0, 1, 2], model=FullyConnected, lr=rates):
        by_rate = dict(zip(rates, trial["training loss by rate"], strict=True))
        assert trial["training loss"] == by_rate[trial["learning rate"]] == min(by_rate.values())


@pytest.mark.parametrize("kernel", [3, 5])
def test_conv_relu_pool_is_torchs_three_layers(kernel):
    """Outputs and gradients, also where the four of a pool are equal, as on a blank background."""
    ours, images = ConvReluPool(3, 5, kernel).double(), torch.randn(7, 3, 12, 16).double()
    images[:, :, 5:] = 0.5
    theirs = nn.Sequential(nn.Conv2d(3, 5, kernel), nn.ReLU(), nn.MaxPool2d(2)).double()
    theirs[0].load_state_dict(ours.state_dict())
    seen = [images.clone().requires_grad_() for _ in range(2)]
    outputs = ours(ImagesLast()(seen[0])).permute(3, 0, 1, 2), theirs(seen[1])
    torch.testing.assert_close(*outputs)
    slope = torch.randn_like(outputs[0])
    gradients = [torch.autograd.grad(output, [x, *net.parameters()], slope)
                 for output, x, net in zip(outputs, seen, (ours, theirs))]
    torch.testing.assert_close(*gradients)


def test_halving_is_the_mean_of_four_pixels():
    images = torch.rand(2, 3, 14, 22)
    torch.testing.assert_close(Halve()(images), F.avg_pool2d(images, 2))


def test_an_epoch_shows_each_image_once():
    kept = subset(3, 1000, 131)
    order = list(batches(3, kept, 32, steps=13))
    assert [len(pick) for pick in order] == [32, 32, 32, 32, 3] * 2 + [32] * 3
    epochs = [torch.cat(order[:5]), torch.cat(order[5:10])]
    assert all(sorted(epoch.tolist()) == sorted(kept.tolist()) for epoch in epochs)
    assert epochs[0].tolist() != epochs[1].tolist()


@pytest.mark.parametrize("name", PIXELS)
def test_pixel_orders_move_pixels_as_they_say(name):
    images = torch.arange(2 * 3 * 7 * 5).remainder(105).view(2, 3, 7, 5)        # both images equal, pixels different
    view = pixel_order(3, name)
    once, again = view(images), view(images)
    assert once.flatten(1).sort().values.equal(images.flatten(1).sort().values)
    assert once.equal(images) == (name in {"plain", "identity permutation"})
    assert once[0].equal(once[1]) == once.equal(again) == (name != "new permutation per image")
    assert not name.startswith("one") or not once.equal(pixel_order(4, name)(images))


@pytest.mark.parametrize("side", [2, 4, 7, 14])
def test_pixels_stay_within_their_blocks(side):
    """Each block has a permutation of its own."""
    places = torch.arange(28 * 28).view(1, 1, 28, 28)
    moved = pixel_order(3, f"within {side}x{side} blocks")(places)
    origins = moved[0, 0].unfold(0, side, side).unfold(1, side, side).reshape(-1, side**2)     # block, place in it
    here = places[0, 0].unfold(0, side, side).unfold(1, side, side).reshape(-1, side**2)

    assert origins.sort().values.equal(here.sort().values)
    assert len({tuple(one) for one in (origins - here[:, :1]).tolist()}) > 1


def test_columns_move_with_the_pixels_of_blocks(train):
    """A fully connected net then trains as on plain pixels."""
    plain, blocks = (train([5], model=FullyConnected, lr=0.05, **seen)[0]["loss curve"] for seen in (
        {}, {"pixels": "within 7x7 blocks", "aligned": True}))
    assert blocks == pytest.approx(plain, rel=1e-4)


def test_streams_are_apart():
    generators = [stream(seed, purpose) for seed in (0, 1) for purpose in ("order", "pixels")]
    assert len({torch.rand(1, generator=generator).item() for generator in generators}) == 4


def test_weights_leave_torchs_own_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    initial_weights(FullyConnected, [5, 7])
    assert torch.rand(1) == expected


def test_one_thread_is_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with pytest.raises(KeyError), one_thread():
        assert torch.get_num_threads() == 1
        raise KeyError
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)
