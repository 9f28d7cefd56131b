"""Nets side by side: does a stack give what each of its nets gives, and its convolution what torch's gives?"""
import pytest
import torch
from torch.nn import functional as F

from lab.models.layers.images_last import Convolve, ImagesLast
from lab.models.small.hidden_layers import Convolutional, Full, Local, Wide
from lab.models.small.lenet_small import SmallLeNet
from lab.models.small.shuffled import FullyConnected
from lab.training.randomness import initial_weights


def with_gradients(net, images):
    """The net's logits, and the gradients of the mean of their squares."""
    logits = net(images)
    return logits, torch.autograd.grad(logits.square().mean((-2, -1)).sum(), list(net.parameters()))


@pytest.mark.parametrize("model", [FullyConnected, Wide, Full, Local, Convolutional, SmallLeNet])
def test_a_stack_gives_what_each_net_gives(model):
    """Logits and gradients, from the weights that each net draws by itself."""
    images, seeds = torch.randn(3, 7, 1, 28, 28), (5, 11, 13)
    logits, gradients = with_gradients(initial_weights(model, seeds), images)
    for lane, seed in enumerate(seeds):
        torch.manual_seed(seed)
        torch.testing.assert_close(with_gradients(model(), images[lane]),
                                   (logits[lane], tuple(gradient[lane] for gradient in gradients)))


def test_the_nets_of_a_stack_differ():
    logits = initial_weights(Wide, (5, 11))(torch.randn(1, 7, 1, 28, 28).expand(2, -1, -1, -1, -1))
    assert not torch.allclose(logits[0], logits[1], atol=0.01)


@pytest.mark.parametrize("nets", [(), (2,)], ids=["alone", "two side by side"])
def test_convolve_is_torchs_convolution(nets):
    """Output and gradients, for each net of the stack."""
    images = torch.randn(*nets, 7, 3, 11, 13, dtype=torch.double, requires_grad=True)
    weight = torch.randn(*nets, 5, 3, 3, 3, dtype=torch.double, requires_grad=True)
    ours = Convolve.apply(ImagesLast()(images), weight).movedim(-1, -4)
    theirs = F.conv2d(images, weight) if not nets else torch.stack([F.conv2d(*one) for one in zip(images, weight)])
    slope = torch.randn_like(theirs)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad(ours, (images, weight), slope),
                               torch.autograd.grad(theirs, (images, weight), slope))
