"""L7: GoogLeNet's auxiliary heads in training: do they bring the main loss down faster?"""

import pytest

from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.curves import curves
from lab.models.small.headed import HeadedNet
from lab.training.auxiliary_heads import train_with_heads

RECIPE = {"model": HeadedNet, "steps": 50, "lr": 0.05}
ALONE = Arm("main loss alone", train_with_heads, head_weight=0.0, **RECIPE)
HEADS = Arm("with two heads", train_with_heads, head_weight=0.3, **RECIPE)          # Szegedy et al. 2015, section 5
BATCH_NORM = Arm("main loss alone, BatchNorm", train_with_heads, head_weight=0.0, batch_norm=True, **RECIPE)


@claim("auxiliary-heads")
@pytest.mark.trained
@pytest.mark.parametrize("net", [
    pytest.param(HEADS, id="two heads"),
    pytest.param(BATCH_NORM, id="BatchNorm",
                 marks=counterexample("BatchNorm does make early training faster, and the check sees it")),
])
def test_heads_do_not_make_early_training_faster(net, laboratory, evidence, alone=ALONE):
    """Two auxiliary heads do not bring a small net's main loss down faster: over 50 steps its mean is no 0.08 lower."""
    lead = laboratory.compare({net: +1, alone: -1}, metric="mean loss", margin=-0.08, cap=48)
    evidence.experiment(lead)
    evidence.figure("lines", "Training loss of the main classifier", x=[1.25 * part + 1 for part in range(40)],
                    xlabel="step", ylabel="cross-entropy", **curves(laboratory, [alone, net], lead.seeds, "loss curve"))

    assert lead.verdict == "confirmed"
