"""Build and run networks for their shapes alone, on PyTorch's meta device, where a tensor has a shape but no numbers.

There a 600-million-weight network is built in a tenth of a second and run without one multiplication.
"""

import copy
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only


@contextmanager
def weightless():
    """Modules built inside keep the shapes of their parameters and no numbers; their buffers are ordinary tensors.

    `with torch.device("meta"):` would do for most modules, but some (RegNet, Swin) compute their own widths with
    tensors while they are built, so here each parameter moves there as it is registered, and nothing else does.
    """
    hook = register_module_parameter_registration_hook(
        lambda module, name, parameter: parameter if parameter is None
        else nn.Parameter(_shape_of(parameter), requires_grad=parameter.requires_grad))
    try:
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
    # whoever listens (lab.counting).
    with torch.inference_mode(False), torch.no_grad(), torch.device("meta"), quick_norms():
        state = {name: _shape_of(tensor) for name, tensor in [*module.named_parameters(), *module.named_buffers()]}
        inputs = tree_map_only(torch.Tensor, _shape_of, inputs)
        return torch.func.functional_call(module, state, inputs)


class quick_norms(TorchDispatchMode):
    """Inside, BatchNorm on the meta device takes the shape of its input as it is.

    PyTorch checks the widths, then works the shape out from a dozen operations: that is half the time of such a run.
    """

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation is torch.ops.aten.native_batch_norm.default and args[0].is_meta:
            return torch.empty_like(args[0]), args[0].new_empty(0), args[0].new_empty(0)
        return operation(*args, **(kwargs or {}))


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


def meta_copy(module):
    """A copy of `module` with every parameter and buffer on the meta device; no number is copied on the way."""
    memo = {id(buffer): _shape_of(buffer) for buffer in module.buffers()}
    memo |= {id(weight): nn.Parameter(_shape_of(weight), weight.requires_grad) for weight in module.parameters()}
    return copy.deepcopy(module, memo)


def with_zeros(module):
    """A copy of `module` in which meta parameters are zeros on the CPU, for tools that must really run it."""
    memo = {id(weight): nn.Parameter(_unwritten_zeros(weight), weight.requires_grad)
            for weight in module.parameters() if weight.is_meta}
    return copy.deepcopy(module, memo)


def _unwritten_zeros(tensor):
    """Zeros of its shape that take memory once they are written; torch.zeros writes each of them at once."""
    return torch.from_numpy(np.zeros(tensor.shape, dtype=np.float32)).to(tensor.dtype)
