"""The weights alone."""


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    return kernel_size * kernel_size * (in_channels // groups) * out_channels
