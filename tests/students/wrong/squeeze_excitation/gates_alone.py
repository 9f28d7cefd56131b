"""Returns the gates."""

from attention import SqueezeExcitation


class Mistaken(SqueezeExcitation):
    def forward(self, x):
        return self.gates(x)


def squeeze_excitation(channels, reduction=16):
    return Mistaken(channels, reduction)
