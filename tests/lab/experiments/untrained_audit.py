"""The untrained audit: every comparison with nets that never learnt, so that a claim about training must fail."""

from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from lab.experiments.null_audit import NotInTheAudit

STANDING_STILL = {"steps": 1, "lr": 1e-12}  # one look at the gradient; the weights stay as they were
MOST_PAIRS = 16  # after which what is as good as equal stays undecided


class UntrainedLaboratory(Laboratory):
    """Compares untrained nets: what is confirmed of them all the same is nothing that training does."""

    def compare(self, contrast, metric, margin, rule="gain", cap=MOST_PAIRS, **options):
        """As Laboratory.compare, of untrained arms.

        A lead above a margin > 0 is asked for of nets none of which was trained. That there is none is true of such
        nets; there, one arm after the other, from the last, is left untrained, and the answer is the first that isn't
        "confirmed".
        """
        if any(arm.time_limit for arm in contrast):
            raise NotInTheAudit("not part of the audit with untrained arms: each of its nets trains for minutes")
        a_lead = rule != "equivalence" and margin > 0
        for left_untrained in [list(contrast)] if a_lead else [[arm] for arm in reversed(contrast)]:
            arms = {untrained(arm) if arm in left_untrained else arm: weight for arm, weight in contrast.items()}
            result = super().compare(arms, metric, margin, rule, cap=min(cap, MOST_PAIRS), **options)
            if result.verdict != "confirmed":
                break
        return result

    def trials(self, arm, seeds):
        """As Laboratory.trials, of the untrained arm: what a figure shows is not asked here."""
        return super().trials(untrained(arm), seeds)


def untrained(arm):
    """The arm, of the same name, as its nets are before training."""
    still = STANDING_STILL if arm.recipe.get("steps") != 0 else {}
    return Arm(arm.name, arm.trial, **{**arm.recipe, **still})
