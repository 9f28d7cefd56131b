"""Images and their pixels: constants of a data set, one permutation for all, 1x1 convolutions, test accuracy."""

import torch
import torch.nn.functional as F

from lab.data.loaders import evaluate
from lab.data.pixel_statistics import own_constants, per_image_constants
from lab.students.child.weights import noise, small_net
from lab.students.exercises.permutation import SHUFFLE
from lab.students.judging import Call, by_value

NET = {"net": True}  # stands for a net that the child builds, as weights.small_net does


def pixels(images, channels, height, width, seed):
    """uint8 images whose brightness differs from one to the next, as photographs' does."""
    brightness = 60 * noise((images, 1, 1, 1), seed) + 128
    return (brightness + 30 * noise((images, channels, height, width), seed + 1)).clamp(0, 255).to(torch.uint8)


def sample_deviation(images):
    """Divided by n - 1."""
    values = images.movedim(1, 0).flatten(1).double() / 255
    return values.mean(dim=1).tolist(), values.std(dim=1, correction=1).tolist()


def all_channels_as_one(images):
    """The same constants for each channel."""
    mean, deviation = own_constants(images.flatten()[:, None, None, None])
    return mean * images.shape[1], deviation * images.shape[1]


def linear_at_each_pixel(weight, bias, images):
    """The convolution that it must equal; weight (O, C, 1, 1), bias (O,), images (N, C, H, W)."""
    return F.conv2d(images, weight, bias)


def reshaped_only(weight, bias, images):
    """Rows of neighbouring pixels are taken for channels."""
    n, channels, height, width = images.shape
    return F.linear(images.reshape(-1, channels), weight.flatten(1), bias).reshape(n, -1, height, width)


def accuracy(net, images, labels, batch_size, training=False, last=True, weigh=len):
    """Percent of test images that the small net gets right, in evaluation mode, weighing every image alike."""
    net = small_net().train(training)
    parts = zip(images.split(batch_size), labels.split(batch_size))
    parts = [part for part in parts if last or len(part[1]) == batch_size]
    right = [(evaluate(net, [(one, truth)])[0], truth) for one, truth in parts]
    return 100 * sum(count * weigh(truth) / len(truth) for count, truth in right) / sum(weigh(t) for _, t in right)


def labelled(count, seed):
    """Arguments for test_accuracy: images (count, 2, 7, 7) of several brightnesses, and labels, two thirds right."""
    images = noise((count, 2, 7, 7), seed) + 2 * noise((count, 1, 1, 1), seed + 1)
    with torch.no_grad():
        labels = small_net().eval()(images).argmax(dim=1)
    return images, torch.where(torch.arange(count) % 3 == 0, (labels + 1) % 5, labels)


def tested(count, batch_size, seed):
    return Call(f"{count} images, {batch_size} at a time", (NET, *labelled(count, seed), batch_size))


IMAGES = {
    "dataset_mean_std": by_value(
        calls=[
            Call("3 images of 5 x 2 px in colour", (pixels(3, 3, 5, 2, seed=1),)),
            Call("7 images of 3 x 4 px in grey", (pixels(7, 1, 3, 4, seed=2),)),
        ],
        right=own_constants,
        mistaken={
            "means-of-image-deviations": per_image_constants,
            "sample-deviation": sample_deviation,
            "not-scaled-to-one": lambda images: [[255 * one for one in part] for part in own_constants(images)],
            "channels-mixed": all_channels_as_one,
        },
    ),
    "shuffle_pixels": SHUFFLE,
    "conv1x1_by_linear": by_value(
        calls=[
            Call("5 to 7 channels, 11 x 13 px", (noise((7, 5, 1, 1), 3), noise((7,), 4), noise((2, 5, 11, 13), 5))),
            Call("3 to 3 channels, 3 x 3 px", (noise((3, 3, 1, 1), 6), noise((3,), 7), noise((2, 3, 3, 3), 8))),
        ],
        right=linear_at_each_pixel,
        mistaken={
            "bias-left-out": lambda weight, bias, images: linear_at_each_pixel(weight, None, images),
            "channels-and-pixels-mixed": reshaped_only,
        },
        avoided=("convolution", "convolution-used"),
    ),
    "test_accuracy": by_value(
        calls=[tested(60, 20, seed=11), tested(53, 20, seed=12), tested(47, 9, seed=13)],
        right=accuracy,
        mistaken={
            "tested-in-training-mode": lambda *told: accuracy(*told, training=True),
            "last-batch-dropped": lambda *told: accuracy(*told, last=False),
            "mean-of-batches": lambda *told: accuracy(*told, weigh=lambda truth: 1),
            "fraction-not-percent": lambda *told: accuracy(*told) / 100,
        },
    ),
}
