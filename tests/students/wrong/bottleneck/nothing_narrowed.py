"""4 * width throughout."""

from blocks import Block, narrowed, shortcut


def bottleneck(in_channels, width, stride=1):
    return Block(narrowed(in_channels, 4 * width, 4 * width, stride), shortcut(in_channels, 4 * width, stride))
