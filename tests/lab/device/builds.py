"""Which build of PyTorch serves which NVIDIA GPU and driver.

Sources. Which GPUs a build has kernels for: RELEASE.md of pytorch/pytorch, "PyTorch CUDA Support Matrix"; that 2.14 is
the last with CUDA 12.6: its issue 190385. Which driver a build needs: NVIDIA, "CUDA Compatibility", minor version
compatibility.
"""

from dataclasses import dataclass

DRIVERS = {"11": 450, "12": 525, "13": 580}  # the oldest that serves a CUDA release


@dataclass(frozen=True)
class Card:
    """An NVIDIA GPU as the system knows it, without PyTorch; None for what it doesn't tell."""

    name: str
    driver: int | None = None  # major version; 0 where none is loaded
    capability: tuple[int, int] | None = None


@dataclass(frozen=True)
class Build:
    """A build of PyTorch: what pip is asked for, the compute capabilities it has kernels for, and its oldest driver."""

    pip: str
    capabilities: tuple[tuple[int, int], tuple[int, int]]
    driver: int

    @property
    def command(self):
        return f"pip install --force-reinstall {self.pip}"

    def has_kernels_for(self, card):
        """Has it kernels for the card?"""
        least, most = self.capabilities
        return least <= (card.capability or least) <= most

    def accepts_driver_of(self, card):
        """Is the card's driver recent enough?"""
        return card.driver is None or card.driver >= self.driver


BUILDS = (
    Build("torch torchvision", ((7, 5), (99, 0)), DRIVERS["13"]),
    Build(
        '"torch<2.15" torchvision --index-url https://download.pytorch.org/whl/cu126', ((5, 0), (9, 0)), DRIVERS["12"]
    ),
)


def kernel_runs_on(kernel, capability):
    """Whether code for an architecture, such as sm_86 or compute_90, runs on a GPU of this compute capability.

    Machine code (sm) runs on later GPUs of the same major version; intermediate code (compute) on all later ones.
    """
    kind, _, number = kernel.partition("_")
    digits = "".join(filter(str.isdigit, number))
    made_for = int(digits[:-1]), int(digits[-1])
    return made_for <= capability and (kind == "compute" or made_for[0] == capability[0])


def ready(card):
    """Builds that have kernels for the card, and run with its driver."""
    return [build for build in BUILDS if build.has_kernels_for(card) and build.accepts_driver_of(card)]


def remedy(card):
    """What to install for this card."""
    if ready(card):
        return ready(card)[0].command
    for build in BUILDS:
        if build.has_kernels_for(card):
            return f"update NVIDIA's driver to {build.driver} or later, and {build.command}"
    return "no build of PyTorch since 2.6 has kernels for it; take another GPU, or --device=cpu"
