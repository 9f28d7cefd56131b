"""L7: GoogLeNet's auxiliary heads in training: do they bring the main loss down faster?

The margin of 0.15 nats is from 32 seeds from 1000, where without BatchNorm the mean loss over 150 steps was 0.10 higher
with two heads (standard deviation 0.13), and 0.44 lower with BatchNorm (0.13): either is decided by some 15 pairs.
"""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from lab.experiments.curves import loss_curves
from lab.models.small.headed import HeadedNet
from lab.training.auxiliary_heads import train_with_heads


def trained(name, head_weight=0.0, batch_norm=True, steps=60):
    """GoogLeNet's heads weigh 0.3 (Szegedy et al. 2015, section 5). Without BatchNorm 60 steps hardly move the loss."""
    return Arm(name, train_with_heads, model=HeadedNet, lr=0.05, steps=steps, head_weight=head_weight,
               batch_norm=batch_norm)


ALONE, HEADS = trained("main loss alone"), trained("with two heads", 0.3)
BARE = trained("main loss alone, no BatchNorm", batch_norm=False)


def show_losses(evidence, laboratory, comparison, arms):
    evidence.experiment(comparison)
    evidence.figure("lines", "Training loss of the main classifier", **loss_curves(laboratory, arms, comparison.seeds))


@claim("auxiliary-heads")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(HEADS, id="two heads"),
    pytest.param(BARE, id="no BatchNorm", marks=counterexample("BatchNorm does change early training, and it shows")),
])
def test_heads_make_early_training_no_faster(net, laboratory, evidence, alone=ALONE):
    """Two heads hardly change how fast a small net's main loss falls: its mean over 60 steps by less than 0.05."""
    change = laboratory.compare({net: +1, alone: -1}, metric="mean loss", margin=0.05, rule="equivalence", cap=32)
    show_losses(evidence, laboratory, change, [alone, net])

    assert change.verdict == "confirmed"


@claim("auxiliary-heads")
@pytest.mark.trained
@pytest.mark.parametrize("better", [
    pytest.param({"head_weight": 0.3}, id="two heads"),
    pytest.param({"batch_norm": True}, id="BatchNorm",
                 marks=counterexample("BatchNorm does make early training faster, and the check sees it")),
])
def test_nor_do_they_without_batchnorm(better, laboratory, evidence):
    """Two heads do no more without BatchNorm, as in GoogLeNet: the mean main loss over 150 steps is no 0.15 lower."""
    need_course_scale(laboratory, "5 to 48 pairs of small nets, 1 minute on a CPU core")
    names = ("main loss alone", "with two heads" if "head_weight" in better else "main loss alone, BatchNorm")
    arms = [trained(name, steps=150, **{"batch_norm": False, **changed}) for name, changed in zip(names, ({}, better))]
    lead = laboratory.compare(dict(zip(arms, (-1, +1))), metric="mean loss", margin=-0.15, cap=48)
    show_losses(evidence, laboratory, lead, arms)

    assert lead.verdict == "confirmed"
