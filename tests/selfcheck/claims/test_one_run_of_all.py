"""What one run of all claims shows, with nets that were never trained: it takes long, so it serves all its checks."""
import json
from collections import defaultdict
from itertools import combinations

import pytest

from selfcheck.warm_runs import TESTS

TRUE_BEFORE_TRAINING = {        # by what the claim itself says
    "test_the_pixels_are_read_best_from_low_layers[the pixels, after training]": "depth alone does it",
    "test_the_pixels_are_read_best_from_low_layers[the pixels, before training]": "depth alone does it",
    "test_six_layers_listen_to_the_middle[trained]": "depth alone does it, and training does not undo it",
    "test_six_layers_listen_to_the_middle[before training]": "depth alone does it",
    "test_its_gradient_does_not_vanish_while_it_is_stuck[with BatchNorm]": "it is there from the start, and stays",
    "test_two_epochs_of_sorted_data_teach_next_to_nothing[sorted by class]": "compares with the untrained net itself",
}


@pytest.fixture(scope="module")
def untrained_run(runs, tmp_path_factory):
    """Tests of evidence.json, of a run of all claims (not their counterexamples), with untrained nets in the arms."""
    folder = tmp_path_factory.mktemp("untrained")
    runs.run(folder, "--untrained-arms", "-m", "not xfail", "-p", "no:cacheprovider", f"--report-dir={folder}",
             project=TESTS.parent)
    return json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["tests"]


def test_no_claim_about_training_holds_of_untrained_nets(untrained_run):
    """With no net trained in a claim of a lead, or one of them in a claim of none, the check confirms nothing."""
    compared = {test["nodeid"].split("::")[1]: test["experiment"]["verdict"] for test in untrained_run
                if test["experiment"] and test["role"] == "case"}

    assert {test for test, verdict in compared.items() if verdict == "confirmed"} == set(TRUE_BEFORE_TRAINING)
    assert len(compared) > 30


def disagreeing(tests):
    """(quantity, its two tests) where two tests expect of one published quantity what has no value in common."""
    expected = defaultdict(lambda: defaultdict(set))
    for test in tests:
        for row in test["evidence"] if test["role"] == "case" else ():
            if row["source"] and row["expected"] is not None:
                quantity = row["what"], row["unit"], row["convention"], row["source"]
                expected[quantity][test["nodeid"].split("[")[0]].add(str(row["expected"]))
    return [(quantity, one, other) for quantity, by_test in expected.items()
            for one, other in combinations(by_test, 2) if not by_test[one] & by_test[other]]


def test_no_two_claims_expect_different_values_of_one_published_quantity(untrained_run):
    told = sum(bool(row["source"]) and row["expected"] is not None for test in untrained_run
               for row in test["evidence"])

    assert told > 70 and disagreeing(untrained_run) == []


@pytest.mark.parametrize("name, expected, disagree", [
    pytest.param("test_b", 16, True, id="another test, another value"),
    pytest.param("test_b", 8, False, id="another test, the same value"),
    pytest.param("test_a[7]", 16, False, id="another case of the same test"),
])
def test_two_values_for_one_published_quantity_are_found(name, expected, disagree):
    row = {"what": "depth", "unit": "layers", "convention": "", "source": "A paper, table 1"}
    tests = [{"nodeid": nodeid, "role": "case", "evidence": [{**row, "expected": value}]}
             for nodeid, value in (("test_a[6]", 8), (name, expected))]

    assert bool(disagreeing(tests)) == disagree
