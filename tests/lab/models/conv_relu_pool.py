"""A convolution, relu and 2x2 max-pooling in one, with its gradients written out: a net of these trains alone.

With eight nets at once, their maps, which no cache holds, cost more than the arithmetic. One function a layer, on maps
[channels, height, width, images] whose rows and columns are parted into even and odd, leaves products and copies of
long runs: one net after another then takes less time than eight at once.
"""
from itertools import product

import torch
from torch import nn
from torch.autograd import Function

PLACES = list(product((0, 1), (0, 1)))      # of the kernel within a pool's window, row and column


class ConvReluPool(nn.Conv2d):
    """relu, then 2x2 max-pooling, of a convolution, [C, H, W, B] -> [O, (H - k + 1) / 2, (W - k + 1) / 2, B].

    The four outputs that a pool compares lie in one window of side k + 1, so one product with the kernel in its four
    places gives all four, from a quarter of the patches; bias and relu can wait until one of the four is left. H and W
    are even, k is odd.
    """

    def forward(self, maps):
        return _ConvReluPool.apply(maps, self.weight, self.bias)


class _ConvReluPool(Function):
    @staticmethod
    def forward(ctx, maps, weight, bias):
        window, placed = (weight.shape[-1] + 1) // 2, _placed(weight)       # window: in pairs of rows or columns
        patches, size = _patches(maps, window)
        four = (placed @ patches).view(4, len(weight), *size, -1)
        a, b, c, d = four
        out = torch.maximum(torch.maximum(a, b), torch.maximum(c, d)).add_(bias[:, None, None, None]).relu_()
        ctx.save_for_backward(placed, patches, four, out)
        ctx.shapes = maps.shape, weight.shape
        return out

    @staticmethod
    def backward(ctx, grad):
        placed, patches, four, out = ctx.saved_tensors
        maps_shape, weight_shape = ctx.shapes
        grad = torch.ops.aten.threshold_backward(grad, out, 0)
        to_four = _to_first_max(four, grad).view(len(placed), -1)
        to_maps = _put_back(placed.t() @ to_four, maps_shape, out.shape[1:3]) if ctx.needs_input_grad[0] else None
        return to_maps, _taken_out(to_four @ patches.t(), weight_shape), grad.sum((1, 2, 3))


def _patches(maps, window):
    """[C, H, W, B] -> ([window, window, 2, 2, C; h, w, B] as a matrix, (h, w)): what the pools see, by pairs."""
    parted = maps.unflatten(2, (-1, 2)).unflatten(1, (-1, 2)).permute(2, 4, 0, 1, 3, 5).flatten(0, 2)
    seen = parted.unfold(1, window, 1).unfold(2, window, 1)                 # 4 C, h, w, B, window, window
    return seen.permute(4, 5, 0, 1, 2, 3).reshape(parted.shape[0] * window**2, -1), seen.shape[1:3]


def _put_back(patches, shape, size):
    """The other way: each patch is added to the maps [C, H, W, B] where it was cut."""
    channels, height, width, images = shape
    parted = patches.new_zeros(4 * channels, height // 2, width // 2, images)
    window, (h, w) = height // 2 - size[0] + 1, size
    patches = patches.view(window, window, *parted.shape[:1], h, w, images)
    for i, j in product(range(window), range(window)):
        parted[:, i:i + h, j:j + w].add_(patches[i, j])
    return parted.unflatten(0, (2, 2, -1)).permute(2, 3, 0, 4, 1, 5).reshape(shape)


def _placed(weight):
    """[O, C, k, k] -> [4 O, columns in the order of a patch]: the kernel in its four places."""
    outs, ins, kernel = weight.shape[:3]
    placed = weight.new_zeros(4, outs, ins, kernel + 1, kernel + 1)
    for place, (i, j) in zip(placed, PLACES):
        place[..., i:i + kernel, j:j + kernel] = weight
    pairs = placed.unflatten(4, (-1, 2)).unflatten(3, (-1, 2))              # 4, O, C, window, 2, window, 2
    return pairs.permute(0, 1, 3, 5, 4, 6, 2).reshape(4 * outs, -1)


def _taken_out(placed, shape):
    """The other way: the sum over the four places, [O, C, k, k]."""
    outs, ins, kernel = shape[:3]
    window = (kernel + 1) // 2
    pairs = placed.view(4, outs, window, window, 2, 2, ins).permute(0, 1, 6, 2, 4, 3, 5)
    places = pairs.reshape(4, outs, ins, kernel + 1, kernel + 1)
    return sum(place[..., i:i + kernel, j:j + kernel] for place, (i, j) in zip(places, PLACES))


def _to_first_max(four, grad):
    """[4, ...] and the gradient at the largest [...] -> [4, ...]: of equals the first gets it, as in `max_pool2d`."""
    a, b, c, d = four
    out = torch.empty_like(four)
    upper = torch.maximum(a, b).ge_(torch.maximum(c, d)).mul_(grad)         # in floats: torch.where takes much longer
    lower = grad - upper
    torch.ge(a, b, out=out[0]).mul_(upper)
    torch.sub(upper, out[0], out=out[1])
    torch.ge(c, d, out=out[2]).mul_(lower)
    torch.sub(lower, out[2], out=out[3])
    return out
