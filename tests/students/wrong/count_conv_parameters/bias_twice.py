"""Adds the biases to the weights, then again to the total."""


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    total = kernel_size**2 * (in_channels // groups) * out_channels
    if bias:
        total = total + out_channels
    return total + out_channels * bias
