"""Adds k - 1 for each layer."""


def receptive_field(layers):
    return 1 + sum(kernel - 1 for kernel, stride in layers)
