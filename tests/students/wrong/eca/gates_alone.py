"""Returns the gates."""

from attention import ECA


class Mistaken(ECA):
    def forward(self, x):
        return self.gates(x)


def eca(channels):
    return Mistaken(channels)
