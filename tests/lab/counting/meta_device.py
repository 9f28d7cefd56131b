"""Build and run networks for their shapes alone, on PyTorch's meta device, where a tensor has a shape but no numbers.

There a network of any size is built without memory for its weights, and run without one multiplication.
"""

import copy
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from lab.errors import WrongArgument

aten = torch.ops.aten


def need_network(value, caller):
    """Raises WrongArgument unless `value` is a network; `caller` names the function that wants one."""
    if not isinstance(value, nn.Module):
        kind = (
            f"the class {value.__name__}: write {value.__name__}(...)"
            if isinstance(value, type)
            else (f"{type(value).__name__}: give an nn.Module")
        )
        raise WrongArgument(f"{caller} takes a network, got {kind}")


@contextmanager
def weightless():
    """Modules built inside keep the shapes of their parameters and no numbers; their buffers are ordinary tensors.

    `with torch.device("meta"):` would do for most modules, but some (RegNet, Swin) compute their own widths with
    tensors while they are built, so here each parameter moves there as it is registered, and nothing else does.
    """
    hook = register_module_parameter_registration_hook(
        lambda module, name, parameter: (
            parameter
            if parameter is None
            else nn.Parameter(_shape_of(parameter), requires_grad=parameter.requires_grad)
        )
    )
    try:
        with quick_shapes():
            yield
    finally:
        hook.remove()


def _shape_of(tensor):
    return torch.empty_like(tensor, device="meta")


def run_on_meta(module, *inputs):
    """What `module(*inputs)` returns, as meta tensors: shapes without numbers, in the module's present train/eval mode.

    Inputs may be tensors or nested lists and dicts of them. The module keeps its own parameters, buffers and running
    statistics. Raises what the module raises; a module that branches on the *values* of a tensor can't be run so.
    """
    # Out of inference mode, with fresh tensors: there composite operations (conv2d, linear) don't show their parts to
    # whoever listens (lab.counting.multiply_adds).
    with torch.inference_mode(False), torch.no_grad(), torch.device("meta"), quick_shapes():
        state = {name: _shape_of(tensor) for name, tensor in [*module.named_parameters(), *module.named_buffers()]}
        inputs = tree_map_only(torch.Tensor, _shape_of, inputs)
        return torch.func.functional_call(module, state, inputs)


def train_on_meta(module, *inputs):
    """One forward and backward pass of `module(*inputs)` without numbers, in its present mode; it keeps its gradients.

    The loss is the sum of all outputs. Raises as run_on_meta does.
    """
    with torch.inference_mode(False), torch.enable_grad(), torch.device("meta"):
        weights = {
            name: _shape_of(weight).requires_grad_(weight.requires_grad) for name, weight in module.named_parameters()
        }
        buffers = {name: _shape_of(buffer) for name, buffer in module.named_buffers()}
        inputs = tree_map_only(torch.Tensor, _shape_of, inputs)
        outputs = torch.func.functional_call(module, {**weights, **buffers}, inputs)
        sum(output.sum() for output in tree_leaves(outputs)).backward()


class quick_shapes(TorchDispatchMode):
    """Inside, without gradients, operations on one meta tensor that can only keep its shape do nothing.

    They are random draws and activations in place, and BatchNorm (PyTorch has checked its widths by then).
    PyTorch works their shapes out from a dozen operations each: that is half the time of such a run.
    """

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation in KEEP_SHAPE and args[0].is_meta:
            return args[0]
        if operation is aten.native_batch_norm.default and args[0].is_meta:
            return args[0].detach(), NO_STATISTICS, NO_STATISTICS
        return operation(*args, **(kwargs or {}))


NO_STATISTICS = torch.empty(0, device="meta")
KEEP_SHAPE = {
    aten.normal_.default,
    aten.uniform_.default,
    aten.erfinv_.default,
    aten.clamp_.default,
    aten.fill_.Scalar,
    aten.zero_.default,
    aten.relu_.default,
    aten.hardtanh_.default,
    aten.hardswish_.default,
    aten.silu_.default,
}


def output_shape(module, *inputs):
    """Shape of `module(*inputs)`, a tuple, or None where the shapes don't fit together: a map too small or too large.

    On the meta device nothing is computed, so a RuntimeError there is about shapes; a missing implementation is not.
    """
    try:
        return tuple(run_on_meta(module, *inputs).shape)
    except NotImplementedError:
        raise
    except (RuntimeError, ValueError):
        return None


@contextmanager
def replaced(module, replacement):
    """Inside, each parameter and buffer of `module` is `replacement(tensor)`; shared ones stay shared.

    A copy of a large network takes longer than its run on the meta device.
    """
    tables = [table for part in module.modules() for table in (part._parameters, part._buffers)]
    kept = [(table, name, tensor) for table in tables for name, tensor in table.items() if tensor is not None]
    new = {id(tensor): replacement(tensor) for *_, tensor in kept}
    try:
        for table, name, tensor in kept:
            table[name] = new[id(tensor)]
        yield module
    finally:
        for table, name, tensor in kept:
            table[name] = tensor


def on_meta(module):
    """Inside, `module` has every parameter and buffer on the meta device, for tools that run it themselves."""
    return replaced(module, lambda tensor: tensor if tensor.is_meta else _like(tensor, _shape_of(tensor)))


def in_zeros(module):
    """Inside, meta parameters of `module` are zeros on the CPU, for tools that really run it; buffers are copies.

    All these zeros are the same ones, so nothing may write to them: memory for each parameter takes time.
    """
    tensors = [*module.parameters(), *module.buffers()]
    zeros = torch.zeros(max((tensor.numel() for tensor in tensors if tensor.is_meta), default=0))

    def on_cpu(tensor):
        first = zeros[: tensor.numel()].view(tensor.shape).to(tensor.dtype) if tensor.is_meta else tensor.clone()
        return _like(tensor, first)

    return replaced(module, on_cpu)


def _like(tensor, values):
    return nn.Parameter(values, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else values


def with_zeros(module):
    """A copy of `module` in which meta parameters are zeros on the CPU."""
    memo = {id(weight): _like(weight, _unwritten_zeros(weight)) for weight in module.parameters() if weight.is_meta}
    return copy.deepcopy(module, memo)


def _unwritten_zeros(tensor):
    """Zeros of its shape that take memory once they are written; torch.zeros writes each of them at once."""
    return torch.from_numpy(np.zeros(tensor.shape, dtype=np.float32)).to(tensor.dtype)
