"""The audits: equal arms are the same design from other seeds, and the table counts what it is given."""
import random

import pytest

from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.experiments.null_audit import APART, NullLaboratory
from selfcheck.experiments.honesty_audit import equal_arms, on_the_margin, table
from selfcheck.sample_trials import noisy, tries


def test_equal_arms_are_one_design_from_other_seeds(log):
    """A lead of 9 is gone, and nothing is confirmed."""
    good, poor = Arm("good", noisy, log=log, mean=9.0), Arm("poor", noisy, log=log)
    lead = NullLaboratory("nowhere", runner=Runner(1)).compare({good: 1, poor: -1}, "score", 3)

    assert lead.verdict == "refuted" and list(lead.arms) == ["good", "poor"]
    assert all(5 < value < 13 for values in lead.arms.values() for value in values)
    assert {seed // APART for seeds in tries(log) for seed in seeds} == {0, 1}


@pytest.fixture
def audit():
    """Twenty runs of a claim in which an arm is better by 3, of 5 pairs each."""
    draw = random.Random(3)

    def experiment():
        arms = {"good": [draw.gauss(13, 1) for _ in range(5)], "poor": [draw.gauss(10, 1) for _ in range(5)]}
        return {"arms": arms, "weights": {"good": 1, "poor": -1}, "verdict": "confirmed", "rule": "t e-value", "n": 5,
                "margin": 1, "alpha": 1e-4, "differences": [a - b for a, b in zip(*arms.values())]}

    return [{"nodeid": "tests/a.py::test_good_is_better", "outcome": "HOLDS", "duration_s": 2.0,
             "experiment": experiment()} for _ in range(20)]


def mean(differences):
    return sum(next(differences) for _ in range(2000)) / 2000


def test_what_nothing_is_confirmed_on_has_the_margin_as_its_mean_or_nothing(audit):
    experiments = [test["experiment"] for test in audit]

    assert mean(on_the_margin(experiments)) == pytest.approx(1, abs=0.1)
    assert mean(equal_arms(experiments)) == pytest.approx(0, abs=0.1)


@pytest.fixture
def few_resampled(monkeypatch):
    monkeypatch.setattr("selfcheck.experiments.honesty_audit.RESAMPLED", 40)


def test_the_table_counts_outcomes_pairs_and_what_chance_confirms(audit, few_resampled):
    audit[7]["outcome"] = "UNDECIDED"
    *_, row = table({audit[0]["nodeid"]: audit})

    assert row == ("| test_good_is_better | HOLDS 19, UNDECIDED 1 | confirmed 20 | t e-value 1 | 5 | 5 | 2.0 "
                   "| 0 of 40 | 0 of 40 |")


def test_a_rule_that_confirms_chance_shows_in_the_table(audit, few_resampled, monkeypatch):
    """The same audit under a rule that calls any lead confirmed."""
    def gullible(differences, margin, alpha, resolution):
        return type("Verdict", (), {"verdict": "confirmed" if sum(differences) > 0 else "undecided"})

    monkeypatch.setattr("selfcheck.experiments.honesty_audit.RULES", {"gain": gullible})
    *_, row = table({audit[0]["nodeid"]: audit})

    assert min(int(cell.split()[0]) for cell in row.split("|")[-3:-1]) > 20
