"""Which kernels can two stacked convolutions replace? Kernels are tensors of nn.Conv2d's shape: (out, in, k, k)."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import least_squares


def composed_kernel(first, second):
    """The one kernel that does what `first` and then `second` do, without padding and activation between them.

    (m, i, k, k) and (o, m, l, l) -> (o, i, k + l - 1, k + l - 1). Cross-correlation by `first` shifts one way, so the
    composition is a convolution of the two: `first` as an image of i samples with m channels, `second` flipped.
    """
    widest = second.shape[-1] - 1
    return F.conv2d(first.transpose(0, 1), second.flip(-1, -2), padding=widest).transpose(0, 1)


def reachable_dimensions(in_channels, between, out_channels, seed=0):
    """Dimension of the set of 5x5 kernels that two 3x3 layers, in -> between -> out, compose to.

    It is the rank of the composition's Jacobian at a random pair of kernels: in how many independent directions the 5x5
    kernel moves when the two 3x3 kernels do. All 5x5 kernels have 25 * in_channels * out_channels dimensions.
    """
    generator = torch.Generator().manual_seed(seed)
    first, second = (
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in [(between, in_channels, 3, 3), (out_channels, between, 3, 3)]
    )
    jacobian = torch.autograd.functional.jacobian(composed_kernel, (first, second), vectorize=True)
    directions = torch.cat([part.reshape(25 * in_channels * out_channels, -1) for part in jacobian], dim=1)
    return int(torch.linalg.matrix_rank(directions))


def nearest_two_3x3(kernel, starts=10, seed=0):
    """(5x5 kernel, relative error) of the two 3x3 kernels on one channel that come closest to `kernel`, 5x5.

    Least squares from `starts` random points, the best of them; the error is |kernel - best| / |kernel|.
    """
    kernel = np.asarray(kernel, dtype=float)
    fits = [
        least_squares(lambda pair: _composed(pair) - kernel.ravel(), start, jac=_directions)
        for start in np.random.default_rng(seed).standard_normal((starts, 18))
    ]
    best = _composed(min(fits, key=lambda fit: fit.cost).x).reshape(5, 5)
    return best, float(np.linalg.norm(best - kernel) / np.linalg.norm(kernel))


# PRODUCT[p, u, v] is 1 where tap u of the first 3x3 and tap v of the second meet in tap p of the 5x5: p = u + v
PRODUCT = np.zeros((5, 5, 3, 3, 3, 3))
for row, column, down, right in np.ndindex(3, 3, 3, 3):
    PRODUCT[row + down, column + right, row, column, down, right] = 1
PRODUCT = PRODUCT.reshape(25, 9, 9)


def _composed(pair):
    return PRODUCT @ pair[9:] @ pair[:9]


def _directions(pair):
    """(25, 18): how the 5x5 kernel moves with each of the 18 weights."""
    return np.hstack([PRODUCT @ pair[9:], pair[:9] @ PRODUCT])
