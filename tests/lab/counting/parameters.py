"""How many parameters a network learns."""

from lab.counting.meta_device import need_network


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
