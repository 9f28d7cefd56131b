"""The course notebook's own loop for exercise 1, written from its description, to compare lab.training.sgd with.

Pictures come one at a time: torchvision's MNIST makes a PIL image of the bytes, ToTensor a tensor of that, Normalize
another, and a DataLoader in this process stacks 64 of them. The nets are torch's own layers.
"""

import torch
from torch import nn
from torch.nn.functional import nll_loss
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import Compose, Normalize, ToTensor

from lab.models.small.shuffled import ConvolutionalNet, FullyConnected
from lab.training.randomness import batches, subset

RECIPE = dict(lr=0.01, momentum=0.5, batch=64)
TEST_BATCH, LOG_EVERY = 1000, 100
# Mean and deviation of the training pixels, 0 to 1: the notebook's 0.1307 and 0.3081, but with as many digits as ours
# has. A net that learns fast makes whole points of accuracy of the fifth digit, and here both ways are to end alike.
CONSTANTS = {"mnist": (0.13066048, 0.30810780), "digits": (0.15775106, 0.29318323)}


def fully_connected():
    """784-8-8-10, to log-probabilities; draws the weights that FullyConnected draws."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(28 * 28, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 10), nn.LogSoftmax(1)
    )


def convolutional(maps=6):
    """Two 5x5 convolutions and 50 hidden units, to log-probabilities; draws what ConvolutionalNet draws."""
    return nn.Sequential(
        nn.Conv2d(1, maps, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(maps, maps, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(maps * 4 * 4, 50),
        nn.ReLU(),
        nn.Linear(50, 10),
        nn.LogSoftmax(1),
    )


TWINS = {FullyConnected: fully_connected, ConvolutionalNet: convolutional}


class Pictures(MNIST):
    """Images uint8 [N, 1, 28, 28] and labels in memory, handed out by torchvision's own code."""

    def __init__(self, images, labels, constants):
        self.data, self.targets, self.target_transform = images[:, 0], labels, None
        self.transform = Compose([ToTensor(), Normalize(*((value,) for value in constants))])


def notebook_trial(seed, *, images, model, steps, tested, batch, lr, momentum):
    """Test accuracy (%) of the notebook's twin of `model`, from the weights and batches of the seed's trial in lab.

    images: an Images of digits, of whose test images the first `tested` are used.
    """
    order = batches(seed, subset(seed, len(images.train_images)), batch, steps)
    train = Pictures(images.train_images, images.train_labels, CONSTANTS[images.name])
    test = Pictures(images.test_images[:tested], images.test_labels[:tested], CONSTANTS[images.name])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = TWINS[model]()
        optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
        _train(net, DataLoader(train, batch_sampler=[pick.tolist() for pick in order]), optimizer)
        return _accuracy(net, DataLoader(test, TEST_BATCH))


def _train(net, loader, optimizer):
    net.train()
    log = []
    for step, (pictures, labels) in enumerate(loader):
        optimizer.zero_grad()
        loss = nll_loss(net(pictures), labels)
        loss.backward()
        optimizer.step()
        if step % LOG_EVERY == 0:
            log.append(f"Train: {step} of {len(loader)}, loss {loss.item():.6f}")


@torch.no_grad()
def _accuracy(net, loader):
    net.eval()
    loss, right = 0.0, 0
    for pictures, labels in loader:
        output = net(pictures)
        loss += nll_loss(output, labels, reduction="sum").item()
        right += (output.argmax(1) == labels).sum().item()
    return 100 * right / len(loader.dataset)
