"""Divides both numbers of channels by the groups."""


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    weights = kernel_size**2 * (in_channels // groups) * (out_channels // groups)
    return weights + (out_channels if bias else 0)
