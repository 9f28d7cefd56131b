"""The formula of the lecture, groups or not."""


def count_conv_parameters(kernel_size, in_channels, out_channels, groups=1, bias=True):
    return kernel_size**2 * in_channels * out_channels + (out_channels if bias else 0)
