"""A convolution, relu and 2x2 max-pooling in one, with its gradients written out: a net of these trains alone.

With eight nets at once, their maps, which no cache holds, cost more than the arithmetic; one net after another then
takes less time. All that moves, moves by tables made once (see lab.models.layers.windows).
"""
from functools import lru_cache

import torch
from torch import nn
from torch.autograd import Function
from torch.nn import functional as F

from lab.models.layers.windows import patches, put_back


class ConvReluPool(nn.Conv2d):
    """relu, then 2x2 max-pooling, of a convolution, [C, H, W, B] -> [O, (H - k + 1) / 2, (W - k + 1) / 2, B].

    The four outputs that a pool compares lie in one window of side k + 1, so one product with the kernel in its four
    places gives all four, from a quarter of the patches; bias and relu can wait until one of the four is left.
    H - k and W - k are odd.
    """

    def forward(self, maps):
        return _ConvReluPool.apply(maps, self.weight, self.bias)


class _ConvReluPool(Function):
    @staticmethod
    def forward(ctx, maps, weight, bias):
        outs, kernel, (height, width) = len(weight), weight.shape[-1], maps.shape[1:3]
        seen = patches(maps, kernel + 1, stride=2)
        placed = F.pad(weight.flatten(), (0, 1)).take(_weight_at(weight.shape, weight.device))  # pad: what is nowhere
        four = (placed.t() @ seen).view(4, outs, (height - kernel + 1) // 2, (width - kernel + 1) // 2, -1)
        a, b, c, d = four
        largest = torch.maximum(torch.maximum(a, b), torch.maximum(c, d))
        out = (largest + bias[:, None, None, None]).relu_()
        ctx.save_for_backward(placed, seen, four, largest, out)
        ctx.shapes = maps.shape, weight.shape
        return out

    @staticmethod
    def backward(ctx, grad):
        placed, seen, four, largest, out = ctx.saved_tensors
        maps_shape, weight_shape = ctx.shapes
        grad = torch.ops.aten.threshold_backward(grad, out, 0)
        to_four = _to_first(four, largest, grad).view(placed.shape[1], -1)
        to_maps = None
        if ctx.needs_input_grad[0]:
            to_maps = put_back(placed @ to_four, maps_shape, weight_shape[-1] + 1, stride=2)
        to_placed = (seen @ to_four.t()).take(_places_of(weight_shape, grad.device))
        return to_maps, to_placed.sum(0).view(weight_shape), grad.sum((1, 2, 3))


@lru_cache
def _places_of(shape, device):
    """[4, O * C * k * k]: where in a matrix [C * (k + 1) * (k + 1), 4 * O] each weight lies, in each of its places."""
    outs, ins, kernel, _ = shape
    matrix = torch.arange(ins * (kernel + 1)**2 * 4 * outs, device=device)
    windows = matrix.view(ins, kernel + 1, kernel + 1, 4, outs).unfold(1, kernel, 1).unfold(2, kernel, 1)
    # C, 2, 2, 4, O, k, k: place n of the four is row n // 2, column n % 2
    return torch.stack([windows[:, n // 2, n % 2, n].transpose(0, 1).flatten() for n in range(4)])


@lru_cache
def _weight_at(shape, device):
    """The other way: which weight lies at each entry of the matrix; one past the last where none does."""
    outs, ins, kernel, _ = shape
    weights = torch.full((ins * (kernel + 1)**2 * 4 * outs,), shape.numel(), device=device)
    weights[_places_of(shape, device)] = torch.arange(shape.numel(), device=device)
    return weights.view(-1, 4 * outs)


def _to_first(four, largest, grad):
    """[4, ...] and the gradient at their largest [...] -> [4, ...]: of equals the first gets it, as in `max_pool2d`."""
    out = torch.empty_like(four)
    torch.eq(four[0], largest, out=out[0]).mul_(grad)           # in floats: torch.where takes much longer
    left = grad - out[0]
    torch.eq(four[1], largest, out=out[1]).mul_(left)
    left.sub_(out[1])
    torch.eq(four[2], largest, out=out[2]).mul_(left)
    torch.sub(left, out[2], out=out[3])
    return out
