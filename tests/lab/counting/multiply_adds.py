"""How large is a network: parameters, multiply-adds and depth; the conventions stand beside each count.

Published tables differ mostly in what they leave out, so every function here says what it counts.
"""

from contextlib import contextmanager

import torch
from torch import fx, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.flop_counter import FlopCounterMode

from lab.counting.meta_device import in_zeros, need_network, on_meta, run_on_meta
from lab.counting.receptive import probed_receptive_field, receptive_field
from lab.errors import LabError, WrongArgument

__all__ = ["UntraceableModule", "count_multiply_adds", "count_parameters", "count_weight_layers",
           "counting_multiply_adds", "flop_counter_multiply_adds", "fvcore_multiply_adds", "probed_receptive_field",
           "receptive_field", "torchinfo_multiply_adds"]

aten = torch.ops.aten
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LINEAR_CALLS = {torch.conv1d, torch.conv2d, torch.conv3d, torch.conv_transpose1d, torch.conv_transpose2d,
                torch.conv_transpose3d, nn.functional.linear}


class UntraceableModule(LabError):
    """The depth of a module can't be read from its data flow."""


def count_parameters(module, bias=True):
    """Number of learned parameters (scalars); a parameter that is shared between layers counts once.

    With bias=False every parameter that is named a bias stays out: `bias`, `in_proj_bias`, `bias_ih_l0`, and so
    BatchNorm's beta too, while its gamma (named `weight`) stays in. Buffers (running mean and variance) never count.
    """
    need_network(module, "count_parameters")
    return sum(parameter.numel() for name, parameter in module.named_parameters() if bias or not _is_bias(name))


def _is_bias(name):
    own_name = name.rpartition(".")[2]
    return own_name.startswith("bias") or own_name.endswith("_bias")


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
    need_network(module, "count_multiply_adds")
    if not any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves(inputs)):
        raise WrongArgument(f"count_multiply_adds takes the network's inputs as tensors, got {inputs}: write "
                            "count_multiply_adds(net, torch.zeros(1, 3, 32, 32)), in its own shape")
    with counting_multiply_adds() as counter:
        run_on_meta(module, *inputs)
    return counter.total


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


def _matrix_product(output, *operands):
    """(..., m, k) by (..., k, n), or by a vector (k): each value on the left meets n values on the right.

    The factors come last; in addmm and its like, what is added comes before them.
    """
    left, right = operands[-2:]
    return left.numel() * (right.shape[-1] if right.dim() > 1 else 1)


FORMULAS = {aten.convolution: _convolution, **dict.fromkeys(
    [aten.mm, aten.bmm, aten.mv, aten.dot, aten.addmm, aten.baddbmm, aten.addbmm, aten.addmv], _matrix_product)}


def count_weight_layers(module):
    """Published depth: convolution and linear layers with weights on the longest path from an input to the output.

    So parallel branches count by the longest one, a shortcut's projection doesn't count beside the layers that it
    bypasses, and heads that the output doesn't use (auxiliary classifiers in eval mode) don't. Normalisation and
    pooling weigh 0, nn.MultiheadAttention 2 (in- and out-projection); the gates of squeeze-and-excitation are on the
    path and count. The path is read from torch.fx's data-flow graph: every node lies one step beyond its deepest
    argument. Raises UntraceableModule where fx can't follow the module's control flow.
    """
    need_network(module, "count_weight_layers")
    try:
        graph = _LayerTracer().trace(module)
    except (fx.proxy.TraceError, TypeError) as error:
        raise UntraceableModule(f"{type(module).__name__} branches on the values of a tensor: {error}; "
                                "count the layers of its parts instead") from error
    depth = {}
    for node in graph.nodes:
        before = max((depth[argument] for argument in node.all_input_nodes), default=0)
        depth[node] = before + _weight_layers_of(node, module)
        if node.op == "output":
            return depth[node]


def _weight_layers_of(node, module):
    if node.op == "call_function":
        return int(node.target in LINEAR_CALLS)
    if node.op != "call_module":
        return 0
    layer = module.get_submodule(node.target)
    if isinstance(layer, nn.MultiheadAttention):
        return 2
    if isinstance(layer, (nn.RNNBase, nn.RNNCellBase, nn.Bilinear)):
        raise UntraceableModule(f"{type(layer).__name__} has no depth as convolutional networks have it; leave it out")
    return int(isinstance(layer, (*CONVOLUTIONS, nn.Linear)))


class _LayerTracer(fx.Tracer):
    """Looks into everything but PyTorch's own layers."""

    def is_leaf_module(self, module, name):
        has_parts = any(True for _ in module.children())
        return isinstance(module, nn.MultiheadAttention) or super().is_leaf_module(module, name) and not has_parts


def fvcore_multiply_adds(module, *inputs):
    """fvcore's count as it is: convolutions and products, *plus* normalisation and pooling, less fused attention."""
    return sum(fvcore_by_operation(module, *inputs).values())


def fvcore_by_operation(module, *inputs):
    """fvcore's count by kind of operation, {"conv": ..., "batch_norm": ...}.

    It traces a real run, so the arithmetic is done, on the CPU; parameters on the meta device are taken as zeros.
    """
    from fvcore.nn import FlopCountAnalysis
    inputs = tree_map_only(torch.Tensor, lambda tensor: torch.zeros_like(tensor, device="cpu"), inputs)
    with in_zeros(module):
        analysis = FlopCountAnalysis(module, inputs).unsupported_ops_warnings(False)
        counted = analysis.uncalled_modules_warnings(False).tracer_warnings("none").by_operator()
    return {operation: int(count) for operation, count in counted.items()}


def torchinfo_multiply_adds(module, *inputs):
    """torchinfo's count as it stands: convolutions' parameters, biases too, times their positions; other layers' once.

    So a linear layer that runs at every token of a sequence counts for one, and functional calls, nn.MultiheadAttention
    and attention's products for nothing.
    """
    from torchinfo import summary
    mode = "train" if module.training else "eval"
    with on_meta(module):
        return int(summary(module, input_data=list(inputs), mode=mode, device="meta", verbose=0).total_mult_adds)


def flop_counter_multiply_adds(module, *inputs):
    """Half of what torch.utils.flop_counter counts: 2 FLOPs a multiply-add, none for biases and elementwise work."""
    with FlopCounterMode(display=False) as counter:
        run_on_meta(module, *inputs)
    return counter.get_total_flops() // 2
