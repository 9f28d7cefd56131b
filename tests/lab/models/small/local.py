"""Between fully connected and convolutional: the locally connected layer; and any layer written out as its matrix.

Locally connected layers are in Y. LeCun, "Generalization and Network Design Strategies", 1989 (Net-3 against Net-4).
"""

import torch
from torch import nn
from torch.nn import functional as F


class LocallyConnected2d(nn.Module):
    """A convolution without weight sharing: every output pixel has kernels of its own.

    (N, in_channels, H, W) -> (N, out_channels, H', W'), for the one `image_size` (H, W) that it is built for. It has
    H' W' times the weights of the convolution with the same kernel, and as many times its biases.
    """

    def __init__(self, in_channels, out_channels, kernel_size, image_size: tuple[int, int], padding=0, bias=True):
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.out_size = tuple(side + 2 * padding - kernel_size + 1 for side in image_size)
        fan_in, pixels = in_channels * kernel_size**2, self.out_size[0] * self.out_size[1]
        bound = fan_in**-0.5                                                  # nn.Conv2d's own start
        self.weight = nn.Parameter(torch.empty(pixels, out_channels, fan_in).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_channels, *self.out_size).uniform_(-bound, bound)) if bias else None

    def forward(self, x):
        windows = F.unfold(x, self.kernel_size, padding=self.padding)         # (N, fan_in, H' W')
        y = torch.einsum("pof,nfp->nop", self.weight, windows).unflatten(2, self.out_size)
        return y if self.bias is None else y + self.bias


def matrix_of(layer: nn.Module, *input_shape: int) -> torch.Tensor:
    """The Jacobian of `layer` for one input of `input_shape` (without batch), at a random point: (outputs, inputs).

    For a layer without bias or activation this is the matrix that it multiplies the flattened input with.
    """
    x = torch.randn(1, *input_shape)
    jacobian = torch.autograd.functional.jacobian(layer, x, vectorize=True)   # (1, *output_shape, 1, *input_shape)
    return jacobian.reshape(-1, x.numel())
