"""The null audit: every comparison with its arms made equal, so that a confirmed gain would be chance's work."""

from inspect import signature

from lab.errors import NotAvailable
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory

APART = 10**5 + 3  # between the seeds of equal arms: the same design, but not the same runs


class NotInTheAudit(NotAvailable):
    """A net trains for too long to be compared with itself."""


class NullLaboratory(Laboratory):
    """Compares the first arm of a contrast with itself, from other seeds in each arm's place."""

    def compare(self, contrast, *question, **options):
        """As Laboratory.compare: no gain above a margin > 0 is there to be confirmed."""
        first = next(iter(contrast))
        if first.time_limit:
            raise NotInTheAudit("not part of the audit with equal arms: each of its nets trains for minutes or hours")
        equal = {
            Arm(arm.name, shifted, trial=first.trial, shift=place * APART, **first.recipe): weight
            for place, (arm, weight) in enumerate(contrast.items())
        }
        return super().compare(equal, *question, **options)


def shifted(seeds, *, trial, shift, data="handwritten", device="cpu", **recipe):
    """The trials of other seeds than those asked for; arguments and result are those of `trial`."""
    taken = {
        name: value for name, value in {"data": data, "device": device}.items() if name in signature(trial).parameters
    }
    return trial([seed + shift for seed in seeds], **taken, **recipe)
