"""Out at the width between."""

from blocks import Block, narrowed, shortcut


def bottleneck(in_channels, width, stride=1):
    return Block(narrowed(in_channels, width, width, stride), shortcut(in_channels, width, stride))
