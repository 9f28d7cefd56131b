"""How large is a network: parameters, multiply-adds, depth, receptive field; ours and other tools' counts."""

from lab.counting.depth import count_weight_layers
from lab.counting.multiply_adds import count_multiply_adds
from lab.counting.other_counters import flop_counter_multiply_adds, fvcore_multiply_adds, torchinfo_multiply_adds
from lab.counting.parameters import count_parameters
from lab.counting.receptive import probed_receptive_field, receptive_field

__all__ = [
    "count_multiply_adds",
    "count_parameters",
    "count_weight_layers",
    "flop_counter_multiply_adds",
    "fvcore_multiply_adds",
    "probed_receptive_field",
    "receptive_field",
    "torchinfo_multiply_adds",
]
