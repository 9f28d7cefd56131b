"""L1: does a wider net overfit more, from the same images? 100 digits, 50 epochs; rate and widths from tuning seeds."""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import banded
from lab.models.small.hidden_layers import Wide
from lab.training.variations import train_varied

WIDTHS = (2, 5, 10, 50, 200)     # hidden units
NETS = {hidden: Arm(f"{hidden} hidden units", train_varied, model=Wide, hidden=hidden, images=100, batch=50, steps=100,
                    lr=0.2, tested=500) for hidden in WIDTHS}
BY_HEART = 10           # hidden units that suffice to learn all 100 images


def show_widths(evidence, laboratory, comparison):
    """The comparison, and both accuracies at every width, from the first eight seeds."""
    seeds = comparison.seeds[:8]
    trials = [laboratory.trials(net, seeds) for net in NETS.values()]
    evidence.experiment(comparison)
    evidence.figure("lines", "Accuracy by width, mean and range over eight seeds", x=list(WIDTHS), logx=True,
                    xlabel="hidden units", ylabel="accuracy, %",
                    **banded({name: [[trial[name] for trial in arm] for arm in trials]
                              for name in ("training accuracy", "test accuracy")}))


@claim("wider-overfits-more")
@pytest.mark.parametrize("narrow, wide", [
    pytest.param(NETS[BY_HEART], NETS[200], id="10 and 200 hidden units"),
    pytest.param(NETS[2], NETS[5], id="2 and 5 hidden units",
                 marks=counterexample("a net too narrow to learn its images by heart has less to overfit with")),
])
def test_beyond_what_learns_by_heart_wider_nets_overfit_less(narrow, wide, laboratory, evidence):
    """Once a net is wide enough to learn its images by heart, the generalization gap shrinks with more width."""
    less = laboratory.compare({narrow: 1, wide: -1}, metric="generalization gap", margin=1.0, cap=48)
    show_widths(evidence, laboratory, less)

    assert less.verdict == "confirmed"


@claim("wider-overfits-more")
@pytest.mark.parametrize("narrow, wide", [
    pytest.param(NETS[2], NETS[5], id="2 and 5 hidden units"),
    pytest.param(NETS[BY_HEART], NETS[200], id="10 and 200 hidden units",
                 marks=counterexample("both learn all images by heart, and the wider one generalises better")),
])
def test_up_to_that_width_the_gap_grows(narrow, wide, laboratory, evidence):
    """Nets too narrow to learn their images by heart overfit more with more width."""
    more = laboratory.compare({wide: 1, narrow: -1}, metric="generalization gap", margin=1.0, cap=48)
    show_widths(evidence, laboratory, more)

    assert more.verdict == "confirmed"
