"""Multiply-adds and activations by kind of layer: by formula from each layer's sizes, and as fvcore traces the network.

Multiply-adds (one is two FLOPs) without biases; activations are the numbers that these layers write: convolutions,
linear layers, and attention's projections and result. Its T x T weights stay out: fused kernels never write them.
"""

from collections import defaultdict

from torch import nn

from lab.counting.meta_device import run_on_meta

BILLED = {"conv", "linear", "scaled_dot_product_attention"}  # fvcore's names of the operations that these layers do
LAYERS = nn.Conv2d, nn.ConvTranspose2d, nn.MultiheadAttention, nn.Linear


def kind_of(layer):
    """Its kind in words."""
    if isinstance(layer, nn.MultiheadAttention):
        return "attention"
    if isinstance(layer, nn.Linear):
        return "fully connected"
    kernel = "x".join(map(str, layer.kernel_size))
    if isinstance(layer, nn.ConvTranspose2d):
        return f"{kernel} transposed convolution"
    if layer.groups == 1:
        return f"{kernel} convolution"
    return f"depthwise {kernel} convolution" if layer.groups == layer.in_channels else f"grouped {kernel} convolution"


def billed_layers(model):
    """{name: layer} of those that count; an attention module stands for its own projections."""
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, LAYERS)}
    inside = tuple(f"{name}." for name, layer in layers.items() if isinstance(layer, nn.MultiheadAttention))
    return {name: layer for name, layer in layers.items() if not name.startswith(inside)}


def theory_counts(model, image):
    """{kind: [multiply-adds, activations]} of one image (1, C, H, W), whose arithmetic is not done."""
    counts, hooks = defaultdict(lambda: [0, 0]), []

    def note(layer, inputs, output):
        for i, number in enumerate(_theory(layer, inputs[0], output)):
            counts[kind_of(layer)][i] += number

    for layer in billed_layers(model).values():
        hooks.append(layer.register_forward_hook(note))
    run_on_meta(model, image)
    for hook in hooks:
        hook.remove()
    return dict(counts)


def _theory(layer, x, output):
    """(multiply-adds, activations) of one call."""
    if isinstance(layer, nn.MultiheadAttention):  # x: (1, T, D); four projections; Q K^T and its product with V
        _, tokens, width = x.shape
        return 4 * tokens * width**2 + 2 * tokens**2 * width, tokens * (3 * width + width + width)
    if isinstance(layer, nn.Linear):
        return output.numel() * layer.in_features, output.numel()
    area = layer.kernel_size[0] * layer.kernel_size[1]
    if isinstance(layer, nn.ConvTranspose2d):  # each input number is spread over a window of every output map
        return x.numel() * area * layer.out_channels // layer.groups, output.numel()
    return output.numel() * area * layer.in_channels // layer.groups, output.numel()


def fvcore_counts(model, image):
    """The same, as fvcore counts the operations of a real run on the CPU; attention's products it has to be taught."""
    from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis

    counts = defaultdict(lambda: [0, 0])
    taught = (FlopCountAnalysis, _attention_products), (ActivationCountAnalysis, _written)
    for i, (analysis, attention) in enumerate(taught):
        traced = analysis(model, image).set_op_handle("aten::scaled_dot_product_attention", attention)
        traced.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        by_module = traced.by_module_and_operator()
        for name, layer in billed_layers(model).items():
            counts[kind_of(layer)][i] += int(sum(by_module[name][operator] for operator in BILLED))
    return dict(counts)


def _attention_products(inputs, outputs):
    """Q K^T and its product with V, from the traced shapes (N, heads, T, D / heads)."""
    n, heads, tokens, width = inputs[0].type().sizes()
    return 2 * n * heads * tokens**2 * width


def _written(inputs, outputs):
    n, heads, tokens, width = outputs[0].type().sizes()
    return n * heads * tokens * width
