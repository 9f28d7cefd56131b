"""How deep a network is: its layers with weights on the longest path through its data flow."""

import torch
from torch import fx, nn

from lab.counting.meta_device import need_network
from lab.errors import LabError

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LINEAR_CALLS = {
    torch.conv1d,
    torch.conv2d,
    torch.conv3d,
    torch.conv_transpose1d,
    torch.conv_transpose2d,
    torch.conv_transpose3d,
    nn.functional.linear,
}


class UntraceableModule(LabError):
    """The depth of a module can't be read from its data flow."""


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
        raise UntraceableModule(
            f"{type(module).__name__} branches on the values of a tensor: {error}; "
            "count the layers of its parts instead"
        ) from error
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
