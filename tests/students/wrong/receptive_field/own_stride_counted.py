"""Multiplies the step before it adds the kernel."""


def receptive_field(layers):
    side = step = 1
    for kernel, stride in layers:
        step *= stride
        side += (kernel - 1) * step
    return side
