"""Composition against running both layers, dimensions by hand, the fit on kernels that are and aren't compositions."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lab.claims.smallest_exception import smallest_where
from lab.counting.stacked_kernels import composed_kernel, nearest_two_3x3, reachable_dimensions


@pytest.mark.parametrize("first, second", [
    pytest.param((5, 2, 3, 3), (7, 5, 3, 3), id="two 3x3"),
    pytest.param((5, 2, 5, 5), (7, 5, 2, 2), id="5x5 and 2x2"),
])
def test_composed_kernel_does_what_both_layers_do(first, second):
    first, second = (torch.randn(shape, dtype=torch.float64) for shape in (first, second))
    x = torch.randn(3, 2, 13, 11, dtype=torch.float64)

    torch.testing.assert_close(F.conv2d(x, composed_kernel(first, second)), F.conv2d(F.conv2d(x, first), second))


@pytest.mark.parametrize("widths, dimensions", [
    pytest.param((1, 1, 1), 9 + 9 - 1, id="one scale moves between the two"),
    pytest.param((2, 2, 2), 36 + 36 - 4, id="a 2x2 matrix moves between the two"),
    pytest.param((1, 5, 1), 25, id="wide between: all there are"),
])
def test_reachable_dimensions_by_hand(widths, dimensions):
    assert reachable_dimensions(*widths) == dimensions


def test_fit_finds_a_composition():
    pair = torch.randn(2, 1, 1, 3, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    kernel = composed_kernel(*pair)[0, 0]
    best, error = nearest_two_3x3(kernel)

    assert error < 1e-6
    torch.testing.assert_close(torch.from_numpy(best), kernel, atol=1e-5, rtol=1e-5)


def test_nearest_composition_is_one_and_is_nearest_along_its_own_direction():
    """The compositions are a cone (any multiple is one): the remainder stands at a right angle to the nearest one."""
    cross = np.zeros((5, 5))
    cross[2, :] = cross[:, 2] = 1.0
    best, error = nearest_two_3x3(cross)

    assert nearest_two_3x3(best)[1] < 1e-6
    assert np.sum(cross**2) == pytest.approx(np.sum(best**2) + np.sum((cross - best) ** 2))
    assert error == pytest.approx(np.sqrt(np.sum((cross - best) ** 2) / np.sum(cross**2)))
    assert 0 < error < np.sqrt(4 / 9)  # the row alone, which two 3x3 can make, misses four of nine taps


@pytest.mark.parametrize("condition, smallest", [
    pytest.param(lambda n: n * n > 120, 11, id="an exception"),
    pytest.param(lambda n: n < 0, None, id="none"),
])
def test_smallest_exception(condition, smallest):
    assert smallest_where(condition, st.integers(0, 1000)) == smallest
