"""Multiply-adds of a run of a network, counted below its modules, at the operations that PyTorch does.

Published tables differ mostly in what they leave out, so every count says what it holds.
"""

from contextlib import contextmanager

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lab.counting.meta_device import need_network, run_on_meta, train_on_meta
from lab.errors import WrongArgument

aten = torch.ops.aten


def count_multiply_adds(module, *inputs):
    """Multiply-adds (MACs; a FLOP count is about twice that) of `module(*inputs)`, in its present train or eval mode.

    Counted: convolutions and transposed convolutions of any dimension, and every matrix product, so linear layers,
    attention (QK^T and AV, the masked part too) and recurrent layers. Not counted, as in most published tables: biases,
    normalisation, activations, pooling, elementwise sums and products. Kernel taps that fall on padding count.

    The counter listens below the modules, at the operations that PyTorch itself reduces a program to. So it also sees
    `torch.nn.functional`, `@` and einsum, which hooks on modules don't, and has to know only two formulas. All runs on
    the meta device (lab.counting.meta_device): no arithmetic, no change to the module, no fused attention to hide its
    products.
    """
    _need_network_and_inputs(module, inputs, "count_multiply_adds")
    with counting_multiply_adds() as counter:
        run_on_meta(module, *inputs)
    return counter.total


def count_training_multiply_adds(module, *inputs):
    """Multiply-adds of a training step: those of count_multiply_adds, and those of the backward pass.

    A layer's backward pass does the products of its forward pass once for the gradient of its weights, and once for
    that of its input. The network's own input needs none, so the first layer has one less, and three times the forward
    pass would be too many. torch.utils.flop_counter counts the same, but for grouped convolutions, of whose weights'
    gradient it has `groups` times too many (pytorch/pytorch#183405).
    """
    _need_network_and_inputs(module, inputs, "count_training_multiply_adds")
    with counting_multiply_adds() as counter:
        train_on_meta(module, *inputs)
    return counter.total


def _need_network_and_inputs(module, inputs, caller):
    need_network(module, caller)
    if not any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves(inputs)):
        raise WrongArgument(
            f"{caller} takes the network's inputs as tensors, got {inputs}: write "
            f"{caller}(net, torch.zeros(1, 3, 32, 32)), in its own shape"
        )


@contextmanager
def counting_multiply_adds():
    """A counter of what runs on the meta device inside; its `total`: multiply-adds as count_multiply_adds has them."""
    with sdpa_kernel(SDPBackend.MATH), _MultiplyAdds() as counter:
        yield counter


class _MultiplyAdds(TorchDispatchMode):
    """Adds up the multiply-adds of each operation that passes."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        if formula := FORMULAS.get(operation.overloadpacket):
            self.total += formula(result, *args)
        return result


def _convolution(output, x, weight, bias, stride, padding, dilation, transposed, *_):
    """Each output value is one product with a filter; transposed, each input value is. weight[0]: one filter's taps.

    The shape of the weight is (out, in / groups, *kernel), and (in, out / groups, *kernel) when transposed: groups,
    stride, padding and dilation are already in the two shapes.
    """
    return (x if transposed else output).numel() * weight[0].numel()


def _convolution_backward(gradients, output, x, weight, sizes, stride, padding, dilation, transposed, *rest):
    """The forward pass's products for each gradient that is wanted, of the input and of the weights."""
    *_, (of_input, of_weight, _) = rest
    return (of_input + of_weight) * _convolution(output, x, weight, None, stride, padding, dilation, transposed)


def _matrix_product(output, *operands):
    """(..., m, k) by (..., k, n), or by a vector (k): each value on the left meets n values on the right.

    The factors come last; in addmm and its like, what is added comes before them.
    """
    left, right = operands[-2:]
    return left.numel() * (right.shape[-1] if right.dim() > 1 else 1)


FORMULAS = {
    aten.convolution: _convolution,
    aten.convolution_backward: _convolution_backward,
    **dict.fromkeys(
        [aten.mm, aten.bmm, aten.mv, aten.dot, aten.addmm, aten.baddbmm, aten.addbmm, aten.addmv], _matrix_product
    ),
}
