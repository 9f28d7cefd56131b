"""L1: what a convolution saves against a fully connected layer, and what a Transformer has in its place."""

import copy
from functools import partial

import pytest
import torch
from torch import nn

from lab.claims import claim, counterexample
from lab.counting import count_parameters
from lab.models.small.local import LocallyConnected2d, matrix_of
from lab.models.vit import Patches, encoder, from_patches, to_patches, vision_transformer, word_model

SIDE, C_IN, C_OUT = 64, 3, 4  # the notes' example: a 64 x 64 colour image to four maps of the same size
H, W, K = 5, 7, 3  # a map small enough to look at its matrix
CONVOLUTION = partial(nn.Conv2d, 2, 3, K, bias=False)
LOCAL = partial(LocallyConnected2d, 2, 3, K, (H, W), bias=False)


def fully_connected():
    """(N, 1, H, W) -> (N, 1, H, W)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(H * W, H * W, bias=False), nn.Unflatten(1, (1, H, W)))


def reader(positions):
    """What a vision transformer's encoder puts out: 8 x 12 px in patches of 4 x 4 px -> (N, 6, d_model)."""
    return vision_transformer(encoder(), channels=3, image_size=(8, 12), side=4, classes=5, positions=positions).tokens


@claim("fc-has-too-many-weights")
@pytest.mark.parametrize("inputs, outputs", [
    pytest.param(C_IN * SIDE**2, C_OUT * SIDE**2, id="between the two maps"),
    pytest.param(12, 9, id="12 to 9 units",
                 marks=counterexample("an FC layer with the convolution's 108 weights maps 12 values to 9, no image")),
])
def test_a_fully_connected_layer_between_two_images_has_201_million_weights(inputs, outputs, evidence):
    """From a 64 x 64 colour image to four maps, a fully connected layer needs 201 million weights, a 3x3 kernel 108."""
    linear = nn.Linear(inputs, outputs, bias=False, device="meta")
    convolution = nn.Conv2d(C_IN, C_OUT, kernel_size=3, padding=1, bias=False, device="meta")
    weights = {"fully connected": count_parameters(linear), "3x3 convolution": count_parameters(convolution)}
    for layer, number in weights.items():
        evidence.measured(layer, number, unit="weights", convention="without biases")
    evidence.figure("bars", "Weights from 64 x 64 x 3 to 64 x 64 x 4", labels=list(weights),
                    values=list(weights.values()), unit="weights", log=True)

    assert weights == {"fully connected": (64 * 64 * 3) * (64 * 64 * 4), "3x3 convolution": 3 * 3 * 3 * 4}


@claim("convolution-is-local")
@pytest.mark.parametrize("build, name", [
    pytest.param(partial(nn.Conv2d, 1, 1, K, padding=1), "a 3x3 convolution", id="3x3 convolution"),
    pytest.param(partial(LocallyConnected2d, 1, 1, K, (H, W), padding=1), "a 3x3 locally connected layer",
                 id="3x3 locally connected"),
    pytest.param(fully_connected, "a fully connected layer", id="fully connected",
                 marks=counterexample("every output of a fully connected layer depends on every pixel")),
    pytest.param(partial(nn.Conv2d, 1, 1, 5, padding=2), "a 5x5 convolution", id="5x5 convolution",
                 marks=counterexample("its window is wider than 3x3")),
])
def test_each_output_of_a_convolution_sees_one_window(build, name, evidence):
    """Each output pixel of a 3x3 convolution depends on the 3x3 window around it, and on nothing else."""
    jacobian = matrix_of(build(), 1, H, W)  # (outputs, inputs), both in reading order
    row, column = torch.arange(H * W) // W, torch.arange(H * W) % W
    near = ((row[:, None] - row).abs() <= K // 2) & ((column[:, None] - column).abs() <= K // 2)
    evidence.measured("pairs of output and input that are connected", int((jacobian != 0).sum()),
                      expected=(3 * H - 2) * (3 * W - 2), unit=f"of {(H * W) ** 2}")
    evidence.figure("matrix", f"Jacobian of {name}", values=jacobian, xlabel="input pixel", ylabel="output pixel")

    assert torch.equal(jacobian != 0, near)


@claim("convolution-shares-weights")
@pytest.mark.parametrize("build", [
    pytest.param(CONVOLUTION, id="convolution"),
    pytest.param(LOCAL, id="locally connected",
                 marks=counterexample("it has as many entries, but each one is a weight of its own")),
])
def test_a_convolution_is_a_fully_connected_layer_with_tied_weights(build, evidence):
    """A convolution is a fully connected layer whose matrix is mostly zero and repeats k x k x Cin x Cout numbers."""
    layer, x = build(), torch.randn(1, 2, H, W)
    matrix = matrix_of(layer, 2, H, W)
    error = (matrix @ x.flatten() - layer(x).flatten()).abs().max().item()
    entries, distinct = matrix[matrix != 0].numel(), matrix[matrix != 0].unique().numel()
    evidence.measured("largest difference between matrix product and layer", error, expected=0.0)
    evidence.measured("entries that are not zero", entries, expected=3 * 5 * (3 * 3 * 2 * 3))  # 3 x 5 output pixels
    evidence.measured("distinct numbers among them", distinct, expected=3 * 3 * 2 * 3)
    evidence.figure("matrix", "The layer as a matrix, two maps to three", values=matrix.detach(),
                    xlabel="input pixel, map by map", ylabel="output pixel, map by map")

    assert (error < 1e-5, entries, distinct) == (True, 15 * 54, 54)


@claim("convolution-shares-weights")
@pytest.mark.parametrize("build", [
    pytest.param(LOCAL, id="locally connected"),
    pytest.param(CONVOLUTION, id="convolution",
                 marks=counterexample("sharing one kernel, it needs it only once")),
])
def test_without_sharing_there_is_a_kernel_for_each_output_pixel(build, evidence):
    """Without weight sharing, a local layer has as many times the weights as the output has pixels."""
    weights = count_parameters(build())
    evidence.measured("weights", weights, expected=3 * 5 * (3 * 3 * 2 * 3), convention="3 x 5 output pixels, no bias")

    assert weights == (H - K + 1) * (W - K + 1) * K * K * 2 * 3


@claim("convolution-shares-weights")
@pytest.mark.parametrize("build", [
    pytest.param(partial(nn.Conv2d, 2, 3, K, padding=1), id="convolution"),
    pytest.param(partial(LocallyConnected2d, 2, 3, K, (11, 13), padding=1), id="locally connected",
                 marks=counterexample("a kernel of its own at each pixel answers differently after the shift")),
])
def test_shifting_the_image_shifts_the_output(build, evidence):
    """When the image moves, a convolution's output moves with it and doesn't change otherwise."""
    layer, x = build(), torch.randn(1, 2, 11, 13)
    shifted = torch.roll(x, (2, 3), dims=(2, 3))  # what leaves on one side comes in on the other: look at the interior
    difference = (layer(shifted)[..., 3:-1, 4:-1] - layer(x)[..., 1:-3, 1:-4]).abs().max().item()
    evidence.measured("largest difference, shift then layer against layer then shift", difference, expected=0.0)

    assert difference < 1e-5


@claim("one-architecture-for-all")
@pytest.mark.parametrize("for_words", [
    pytest.param(lambda shared: shared, id="one encoder"),
    pytest.param(copy.deepcopy, id="two encoders",
                 marks=counterexample("an equal copy is another network: training one leaves the other as it was")),
])
def test_one_encoder_reads_words_and_images(for_words, evidence):
    """One Transformer encoder reads both words and image patches: trained on images, it reads words differently."""
    shared = encoder()
    images = vision_transformer(shared, channels=3, image_size=(8, 12), side=4, classes=5)
    words, sentence = word_model(for_words(shared), vocabulary=23, num_tokens=7, classes=2), torch.randint(23, (1, 7))
    before = words(sentence)
    images(torch.randn(11, 3, 8, 12)).square().sum().backward()
    torch.optim.SGD(images.parameters(), lr=0.1).step()
    change = (words(sentence) - before).abs().max().item()
    evidence.measured("parameters of the encoder", count_parameters(shared))
    evidence.measured("change of the word model's output by one training step on images", change)

    assert change > 0


@claim("one-architecture-for-all")
@pytest.mark.parametrize("build", [
    pytest.param(partial(reader, positions=False), id="encoder"),
    pytest.param(partial(reader, positions=True), id="encoder with position embeddings",
                 marks=counterexample("position embeddings tell the encoder where a patch was")),
    pytest.param(lambda: nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), Patches(4)), id="3x3 convolution",
                 marks=counterexample("a convolution sees across the border of two patches: neighbours matter")),
])
def test_a_transformer_knows_no_order_of_its_own(build, evidence):
    """Without position embeddings, permuting an image's patches permutes the encoder's outputs, and nothing else."""
    read, image, order = build(), torch.randn(1, 3, 8, 12), torch.tensor([3, 5, 0, 1, 4, 2])  # six patches
    permuted = from_patches(to_patches(image, 4)[:, order], 4, (8, 12))
    difference = (read(permuted) - read(image)[:, order]).abs().max().item()
    evidence.measured("largest difference, permute then read against read then permute", difference, expected=0.0)

    assert difference < 1e-5
