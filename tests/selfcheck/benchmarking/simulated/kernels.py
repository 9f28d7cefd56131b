"""Which kernels an operation of PyTorch launches, read off the shapes, numbers and layout of its tensors."""
import torch
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from selfcheck.benchmarking.simulated.cards import Kernel, Window

aten = torch.ops.aten
RESERVE_MEMORY = {aten.empty, aten.empty_like, aten.empty_strided, aten.new_empty, aten.new_empty_strided}


def kernels(operation, args, kwargs, result):
    """Kernels, [] where the operation only makes a view or reserves memory; a backward convolution has two."""
    packet, given, made = operation.overloadpacket, tensors((args, kwargs)), tensors(result)
    if packet in RESERVE_MEMORY or _is_view(operation, given, made):
        return []
    flops = flop_registry[packet](*args, **kwargs, out_val=result) if packet in flop_registry else 0
    if packet == aten.convolution:
        images, weights, _, stride, *_, groups = args
        return [_convolution(flops, images, weights, result, stride, groups)]
    if packet == aten.convolution_backward:
        gradient, images, weights, _, stride, *_, groups, (of_images, of_weights, _) = args
        wanted = of_images + of_weights
        return [_convolution(flops / wanted, images, weights, gradient, stride, groups)] * wanted
    sizes = [(tensor.nbytes, tensor.untyped_storage().nbytes()) for tensor in [*given, *made]]
    moved = sum(map(min, sizes))        # of an expanded tensor what it shows is more than what there is
    return [Kernel(flops, moved, _half(given), torch.backends.cuda.matmul.allow_tf32)]


def tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _half(given):
    return bool(given) and given[0].element_size() == 2


def _is_view(operation, given, made):
    shared = {tensor.untyped_storage()._cdata for tensor in given}
    return not operation._schema.is_mutable and all(tensor.untyped_storage()._cdata in shared for tensor in made)


def _convolution(flops, images, weights, output, stride, groups):
    window = Window(images.numel() + output.numel(), weights.numel(), min(weights.shape[2:]), max(stride), groups,
                    len(weights) // groups, images.is_contiguous(memory_format=torch.channels_last))
    moved = (window.maps + window.weights) * images.element_size()
    return Kernel(flops, moved, _half([images]), torch.backends.cudnn.allow_tf32, window)
