"""Would a claim about training also hold of nets that were never trained? Then it shows nothing about training."""
import pytest
import torch

from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.experiments.course_results import course_arm, figure
from lab.experiments.null_audit import NotInTheAudit
from lab.experiments.untrained_audit import UntrainedLaboratory, untrained
from lab.models.small.shuffled import FullyConnected
from lab.training.recipe import Recipe
from lab.training.sgd import Lanes, network_input, train_classifier
from selfcheck.sample_trials import learning


@pytest.mark.parametrize("better, margin, rule, verdict", [
    pytest.param({}, 3.0, "gain", "refuted", id="a lead by training"),
    pytest.param({"start": 8.0}, 3.0, "gain", "confirmed", id="a lead from the start"),
    pytest.param({"lr": 0.1}, -1.0, "gain", "refuted", id="not behind"),
    pytest.param({"lr": 0.1}, 1.0, "equivalence", "refuted", id="alike"),
    pytest.param({"lr": 0.0, "start": 10.0}, -1.0, "gain", "confirmed", id="not behind, and never trained"),
])
def test_what_nets_learnt_is_not_there_to_be_confirmed(better, margin, rule, verdict):
    """All nets learn 10 points in 100 steps at rate 0.1, or 20 at 0.2."""
    recipe = {"steps": 100, "lr": 0.2, **better}
    good, poor = Arm("good", learning, **recipe), Arm("poor", learning, steps=100, lr=0.1, place=1)
    lead = UntrainedLaboratory("nowhere", runner=Runner(1)).compare({good: 1, poor: -1}, "score", margin, rule)

    assert lead.verdict == verdict and list(lead.arms) == ["good", "poor"]


def test_an_untrained_net_stays_as_it_starts(tmp_path):
    arm = untrained(Arm("net", train_classifier, model=FullyConnected, steps=7, lr=(0.3, 0.1), momentum=0.9))
    recipe = Recipe.of(data_dir=tmp_path, **arm.recipe)
    lanes = Lanes(recipe, [(3, *recipe.rates)], *network_input(recipe.data, recipe.data_dir))
    before = [parameter.detach().clone() for parameter in lanes.net.parameters()]
    losses = lanes.train()

    assert [len(of_lane) for of_lane in losses] == [1]
    assert all(torch.allclose(a, b, rtol=0, atol=1e-9) for a, b in zip(before, lanes.net.parameters(), strict=True))


def test_a_net_that_takes_minutes_is_not_part_of_the_audit():
    arms = {course_arm("LeNet"): 1, figure(64): -1}
    with pytest.raises(NotInTheAudit, match="minutes"):
        UntrainedLaboratory("nowhere", runner=Runner(1)).compare(arms, "test accuracy", 1.0)
