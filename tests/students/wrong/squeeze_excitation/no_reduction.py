"""channels units in between."""

from attention import SqueezeExcitation


def squeeze_excitation(channels, reduction=16):
    return SqueezeExcitation(channels, reduction=1)
