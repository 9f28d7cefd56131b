"""Is the field the gradient, and the central share that of a quarter of the window?"""
import pytest
import torch
from torch import nn

from lab.counting.effective_field import central_share, gradient_field


@pytest.mark.parametrize("side", [5, 7, 12, 13])
def test_an_even_field_has_a_quarter_in_its_central_quarter(side):
    assert central_share(torch.full((side, side), 3.0)) == pytest.approx(1 / 4)


@pytest.mark.parametrize("place, share", [
    pytest.param((6, 6), 1, id="middle"),
    pytest.param((3, 6), 3 / 4, id="cut by the square's edge"),         # which lies at 3.25 of 13 px
    pytest.param((2, 6), 0, id="outside"),
    pytest.param((0, 12), 0, id="corner"),
])
def test_a_single_pixel_counts_by_its_place(place, share):
    field = torch.zeros(13, 13)
    field[place] = 7.0
    assert central_share(field) == pytest.approx(share)


def test_the_field_of_a_layer_is_its_kernel():
    """Where the central unit lies; of two images twice that."""
    layer = nn.Conv2d(1, 1, 5)
    field = gradient_field(layer, torch.randn(2, 1, 11, 11))

    torch.testing.assert_close(field[3:8, 3:8], 2 * layer.weight[0, 0].detach())
    assert field.count_nonzero() == 25


def test_the_field_of_a_stack_is_the_product_of_its_layers():
    stack = nn.Sequential(*[nn.Conv2d(1, 1, 3, bias=False) for _ in range(2)])
    nn.init.ones_(stack[0].weight), nn.init.ones_(stack[1].weight)

    assert gradient_field(stack, torch.randn(1, 1, 5, 5))[2].tolist() == [3, 6, 9, 6, 3]
