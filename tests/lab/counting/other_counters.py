"""What other tools count as a network's multiply-adds, each in its own convention."""

import torch
from torch.utils._pytree import tree_map_only
from torch.utils.flop_counter import FlopCounterMode

from lab.counting.meta_device import in_zeros, on_meta, run_on_meta


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
