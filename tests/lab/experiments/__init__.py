"""Arms, seeds and the comparisons that decide between them."""

from lab.experiments.arms import Arm

__all__ = ["Arm"]
