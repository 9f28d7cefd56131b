"""Multiply-adds of a training step: by hand, and as PyTorch's own counter has them round a step that really trains."""
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import resnet18

from lab.counting.multiply_adds import count_multiply_adds, count_training_multiply_adds
from lab.models.lenet import LeNet
from lab.models.unet import UNet

FIRST, OTHERS = 28**2 * 6 * 75, 10**2 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10      # of LeNet on three colours


def test_the_first_layer_of_lenet_needs_no_gradient_of_the_pixels():
    net, image = LeNet(in_channels=3), torch.zeros(1, 3, 32, 32)
    step, forward = count_training_multiply_adds(net, image), count_multiply_adds(net, image)

    assert step == 2 * FIRST + 3 * OTHERS
    assert 3 * forward / step == pytest.approx(1.22, abs=0.005)        # three times the forward pass: 22 % too many


@pytest.mark.parametrize("net, shape", [
    (LeNet(), (3, 1, 32, 32)), (resnet18(), (2, 3, 64, 64)), (UNet(width=4, depth=2), (1, 1, 92, 92)),
    (nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)), (11, 5)),
])
def test_a_step_has_as_many_as_pytorchs_own_counter_finds(net, shape):
    """By operations that really run: on UNet transposed convolutions among them."""
    with FlopCounterMode(display=False) as counter:
        net(torch.rand(shape)).sum().backward()

    assert count_training_multiply_adds(net, torch.zeros(shape)) == counter.get_total_flops() / 2


@pytest.mark.parametrize("layer", [nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.ConvTranspose2d(6, 6, 1, groups=3)])
def test_a_grouped_convolution_does_its_products_three_times(layer):
    """PyTorch's counter has more (pytorch/pytorch#183405)."""
    before = nn.Conv2d(1, 6, 1, bias=False)
    image = torch.zeros(1, 1, 5, 5)
    products = count_multiply_adds(nn.Sequential(before, layer), image) - 6 * 5**2

    assert count_training_multiply_adds(nn.Sequential(before, layer), image) == 2 * 6 * 5**2 + 3 * products


def test_a_frozen_layer_saves_the_gradient_of_its_weights():
    net, image = LeNet(in_channels=3), torch.zeros(1, 3, 32, 32)
    net.features[0].requires_grad_(False)
    second = 10**2 * 16 * 150       # whose input nobody's gradient needs any more

    assert count_training_multiply_adds(net, image) == FIRST + 3 * OTHERS - second


def test_a_network_in_training_keeps_its_gradients_and_statistics():
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3)).train()
    count_training_multiply_adds(net, torch.zeros(2, 1, 5, 5))

    assert net[0].weight.grad is None
    assert net[1].num_batches_tracked == 0
