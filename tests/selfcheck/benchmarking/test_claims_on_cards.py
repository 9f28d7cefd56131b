"""Would the claims about cost hold on a T4, an A100 and an H100? On models of them, with three ways to convolve.

A model decides nothing about a real card. It shows a claim that arithmetic alone contradicts, and a margin so near to
the ratio that the next card or library may be on its other side.
"""
import json
import math
from pathlib import Path

import pytest

from benchmarks.test_cost import FAR, NEAR
from selfcheck.benchmarking.simulated.cards import ALGORITHMS, CARDS

ROOT = Path(__file__).resolve().parents[3]
CLAIMS = ["test_cost.py", "test_cost_of_size.py",
          "test_throughput.py::test_networks_differ_in_the_rate_that_they_reach"]
SAFE = 1.15     # times, at least, between what is measured and the margin that it is held against
OVER = {"times as near to its roof as to the other": FAR, "fastest rate over slowest": 2}     # asserted of a row itself
UNDER = {"time over that of its roof": NEAR}


@pytest.fixture(scope="module")
def outcomes(runs, tmp_path_factory):
    """Tests of evidence.json, of a run on every simulated card with every algorithm."""
    folder = tmp_path_factory.mktemp("cards")
    runs.run(folder, "-p", "selfcheck.benchmarking.simulated.plugin", "-m", "gpu", "-p", "no:cacheprovider",
             f"--report-dir={folder}", *[f"tests/benchmarks/{name}" for name in CLAIMS], project=ROOT)
    return json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["tests"]


def distance(test):
    """Times between what a test measured and the margin at which its outcome would be another."""
    experiment = test["experiment"]
    if experiment:
        mean = abs(experiment["mean"]) if experiment["rule"] == "equivalence" else experiment["mean"]
        return math.exp(abs(mean - experiment["margin"]))
    rows = {row["what"]: row["value"] for row in test["evidence"]}
    met = min([rows[what] / limit for what, limit in OVER.items() if what in rows]
              + [limit / rows[what] for what, limit in UNDER.items() if what in rows])
    return met if test["role"] == "case" else 1 / met


def too_near(tests):
    """Which tests measured within SAFE of their margin, and how near."""
    return {test["nodeid"]: round(distance(test), 3) for test in tests if distance(test) < SAFE}


def test_every_claim_about_cost_runs_on_every_card_with_every_algorithm(outcomes):
    places = [f"{card} {algorithm}" for card in CARDS for algorithm in ALGORITHMS]
    claims = [{test["nodeid"].replace(place, "") for test in outcomes if place in test["nodeid"]} for place in places]

    assert all(one == claims[0] for one in claims)
    assert {f"G{number}" for number in range(1, 9)} == {test["statement"] for test in outcomes}


def test_every_case_holds_and_every_counterexample_is_caught(outcomes):
    expected = {"case": "HOLDS", "counterexample": "CAUGHT"}

    assert {test["nodeid"]: test["outcome"] for test in outcomes if test["outcome"] != expected[test["role"]]} == {}


def test_no_margin_is_within_15_percent_of_failing(outcomes):
    assert too_near(outcomes) == {}


def test_no_batch_of_a_comparison_is_halved(outcomes):
    asked = [test for test in outcomes if test["experiment"]]

    assert [test["nodeid"] for test in asked if "out of memory at a batch of" in test["experiment"]["recipe"]] == []


def test_a_network_that_does_not_fit_is_halved_on_that_card_alone(outcomes):
    """U-Net needs 21 GiB for 64 images."""
    told = {test["nodeid"]: row["value"] for test in outcomes for row in test["evidence"] if row["what"] == "U-Net"}
    batches = {("T4" in name, words.partition(":")[0]) for name, words in told.items()}

    assert len(told) == len(CARDS) * len(ALGORITHMS)
    assert batches == {(True, "batch 32 (out of memory at 64)"), (False, "batch 64")}


def test_a_simulated_card_writes_to_no_real_report(runs, tmp_path):
    status, _ = runs.run(tmp_path, "-p", "selfcheck.benchmarking.simulated.plugin", "--collect-only", project=ROOT)

    assert status == pytest.ExitCode.USAGE_ERROR
    assert "name a folder by --report-dir" in (tmp_path / "terminal.txt").read_text(encoding="utf-8")


def compared(ratio, margin, rule="gain", role="case"):
    experiment = {"mean": math.log(ratio), "margin": math.log(margin), "rule": rule}
    return {"nodeid": "a claim", "role": role, "experiment": experiment, "evidence": []}


def seen(role="case", **rows):
    evidence = [{"what": what.replace("_", " "), "value": value} for what, value in rows.items()]
    return {"nodeid": "a claim", "role": role, "experiment": None, "evidence": evidence}


@pytest.mark.parametrize("test, near", [
    pytest.param(compared(1.5, 1.25), False, id="well above"),
    pytest.param(compared(1.4, 1.25), True, id="just above"),
    pytest.param(compared(1.1, 1.25, role="counterexample"), True, id="caught, but barely"),
    pytest.param(compared(1.0, 1.25, role="counterexample"), False, id="caught by far"),
    pytest.param(compared(1 / 1.2, 1.25, "equivalence"), True, id="nearly not the same"),
    pytest.param(compared(1 / 1.05, 1.25, "equivalence"), False, id="the same"),
    pytest.param(seen(fastest_rate_over_slowest=2.2), True, id="a row just over what is asserted of it"),
    pytest.param(seen(fastest_rate_over_slowest=1.1, role="counterexample"), False, id="a row far under it"),
    pytest.param(seen(time_over_that_of_its_roof=4.9, times_as_near_to_its_roof_as_to_the_other=20), True,
                 id="near, barely"),
    pytest.param(seen(time_over_that_of_its_roof=1.1, times_as_near_to_its_roof_as_to_the_other=1.6), True,
                 id="far, barely"),
])
def test_a_margin_that_is_put_thin_is_named(test, near):
    assert bool(too_near([test])) == near
