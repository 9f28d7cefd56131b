"""E1: to a fully connected net shuffled pixels are the same pixels, exactly; and how the two nets compare in size."""
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import cross_entropy

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.data import handwritten_digits
from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.randomness import pixel_order, subset

NETS = {"FC": FullyConnected, "CNN": ConvolutionalNet}


def losses(net, images, labels, steps=20, batch=64):
    """Training loss at each SGD step, on double-precision pixels in the order given."""
    optimizer, trace = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9), []
    for pick in torch.arange(steps * batch).remainder(len(images)).split(batch):
        loss = cross_entropy(net(images[pick].double() / 255), labels[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trace.append(loss.item())
    return trace


@pytest.mark.exact
@claim("fc-ignores-pixel-order")
@pytest.mark.parametrize("net, columns", [
    pytest.param("FC", 3, id="columns moved like the pixels"),
    pytest.param("FC", 4, id="columns moved otherwise", marks=counterexample("each weight must meet its old pixel")),
    pytest.param("CNN", None, id="CNN", marks=counterexample("a kernel's weights meet neighbours, which are gone")),
])
def test_shuffled_training_is_the_same_training(net, columns, data_dir, evidence):
    """With its first columns permuted like the pixels, a fully connected net trains the same, step for step."""
    digits, order = handwritten_digits(data_dir), pixel_order(3, "one permutation")
    nets = []
    for _ in range(2):
        torch.manual_seed(5)
        nets.append(NETS[net]().double())
    plain, shuffled = nets
    if columns is not None:
        shuffled[1].weight.data = pixel_order(columns, "one permutation")(shuffled[1].weight.data)
    kept = subset(7, len(digits.train_images), 640)
    before = losses(plain, digits.train_images[kept], digits.train_labels[kept])
    after = losses(shuffled, order(digits.train_images[kept]), digits.train_labels[kept])
    apart = max(abs(a - b) for a, b in zip(before, after))
    evidence.measured("largest difference of training loss in 20 steps", apart, expected="rounding only, below 1e-9")
    evidence.figure("images", "A digit, and the same pixels shuffled", labels=["plain", "shuffled"],
                    images=[(image[0, 0] / 255).tolist() for image in (digits.test_images, order(digits.test_images))])

    assert apart < 1e-9


@claim("same-parameter-count")
@pytest.mark.parametrize("maps", [
    pytest.param(6, id="6 maps"),
    pytest.param(7, id="7 maps", marks=counterexample("one map more is 840 parameters more")),
])
def test_cnn_has_20_parameters_fewer(maps, evidence):
    """The fully connected net has 6,442 parameters with biases, the CNN 20 fewer: nearly the same number."""
    sizes, kernel = [28 * 28, 8, 8, 10], 5 * 5
    fc = sum((n + 1) * m for n, m in pairwise(sizes))
    cnn = (kernel + 1) * 6 + (6 * kernel + 1) * 6 + (6 * 4 * 4 + 1) * 50 + (50 + 1) * 10
    counted = [count_parameters(FullyConnected()), count_parameters(ConvolutionalNet(maps))]
    evidence.measured("parameters of the FC net and the CNN", counted, expected=[fc, cnn], convention="with biases")

    assert counted == [fc, cnn] and fc - cnn == 20
