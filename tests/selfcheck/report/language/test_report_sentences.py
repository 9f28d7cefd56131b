"""An experiment in one line: units at every number, the median under rules of signs, costs as factors."""

import math
import re

import pytest

from lab.report import page
from lab.report.language import sentences
from lab.report.language.measures import measure
from selfcheck.report_samples import experiment, sample

RATIO, FIFTH = "log ratio of seconds per 10^9 multiply-adds", math.log(1.25)
TAG = {"en": "", "zh": " lang=zh"}


def line(language="en", **changes):
    """Text of an experiment's line in one language."""
    told = str(sentences.line([{"role": "case", "outcome": "HOLDS", "experiment": {**experiment(), **changes}}]))
    return re.sub("<.*?>", "", re.findall(f"<i{TAG[language]}>(.*?)</i>", told)[0]).replace("\u00a0", " ")


@pytest.mark.parametrize("changes, ending", [
    pytest.param({}, "mean difference 13.20 points [11.40, 15.10]; 8 seeds; margin 5 points", id="a mean in points"),
    pytest.param({"rule": "sign", "differences": [1.0, 2.0, 9.0]},
                 "median difference 2.00 points [11.40, 15.10]; 8 seeds; margin 5 points", id="a median"),
    pytest.param({"rule": "equivalence"}, "; margin ±5 points", id="a margin on both sides"),
    pytest.param({"interval": [None, "inf"]}, "13.20 points [−∞, ∞]; 8 seeds; margin 5 points", id="no interval yet"),
    pytest.param({"mean": None}, "mean difference – points [11.40, 15.10]; 8 seeds; margin 5 points", id="no mean"),
    pytest.param({"metric": "training loss"}, "mean difference 13.20 [11.40, 15.10]; 8 seeds; margin 5", id="no unit"),
    pytest.param({"data": {"name": "digits"}}, "; on the embedded digits, MNIST being absent", id="without MNIST"),
    pytest.param({"metric": RATIO, "mean": math.log(4), "interval": [math.log(2), math.log(8)], "margin": FIFTH},
                 "seconds per 10⁹ multiply-adds: ratio 4.000 times [2.000, 8.000]; 8 rounds; margin 1.25 times",
                 id="a factor"),
    pytest.param({"metric": RATIO, "mean": 0, "margin": FIFTH, "rule": "equivalence"},
                 "margin 0.8 to 1.25 times", id="a factor on both sides"),
    pytest.param({"metric": "doublings", "arms": {"ReLU": [3.0, 5.0], "tanh": [2.0]}, "mean": 1, "margin": 0.5,
                  "interval": [-1, 2]}, "steps to the same loss: ReLU 16; tanh 4; ratio 2.000 times [0.500, 4.000]; "
                 "8 seeds; margin 1.414 times", id="doublings as factors"),
    pytest.param({"margin": 1.0}, "margin 1 point", id="one point"),
])
def test_the_line_of_an_experiment_ends_with(changes, ending):
    assert line(**changes).endswith(ending)


def test_a_contrast_is_written_as_what_is_subtracted_from_what():
    weights = {"late": -2, "early": 1, "middle": 1}
    told = re.sub("<.*?>", "", str(sentences.limits_line({**experiment(), "weights": weights})))

    assert "difference: early + middle − 2\u2009×\u2009late" in told.replace("\u00a0", " ")


def test_the_line_begins_with_the_arms_and_their_means():
    assert line().startswith("test accuracy: CNN, plain pixels 95.16 %; CNN, shuffled pixels 81.92 %; ")


def test_the_line_is_chinese_as_a_whole():
    assert line("zh").endswith("；差的均值 13.20 个百分点 [11.40, 15.10]；8 个种子；界限 5 个百分点")


def test_numbers_of_two_claims_never_stand_in_one_line():
    """Side by side, the shapes of two different maps read as one map that changed."""
    first, second = ([{"role": "case", "outcome": "HOLDS", "experiment": None, "claim": what, "evidence": [
        {"what": what, "value": value, "expected": None, "unit": "px"}]}] for what, value in [("a", [28]), ("b", 32)])

    assert sentences.line(first + second) == sentences.line(first)


def test_no_line_ends_between_a_number_and_its_unit_or_within_an_interval():
    told = f"{sentences.decision_line(experiment())} {sentences.limits_line({**experiment(), 'diverged': {}})}"

    assert "13.20</b>\u00a0points [11.40,\u00a015.10]" in told and "81.92\u00a0%" in told and "68.4\u00a0%" in told


@pytest.mark.parametrize("metric, unit, step", [
    ("test accuracy", "%", "points"), ("training accuracy", "%", "points"), ("test accuracy, %", "%", "points"),
    ("generalization gap", "%", "points"), ("training loss", "", ""), ("log10 gradient", "", ""),
    ("central share", "%", "points"), ("accuracy lost", "points", "points"),
    ("lost, mixed, 2 at a time", "points", "points"),
])
def test_the_units_of_a_metric(metric, unit, step):
    assert (measure(metric).unit, measure(metric).step) == (unit, step)


@pytest.mark.parametrize("limits", [
    pytest.param("no run diverged; a rate of divergence of up to 68.4 % is not excluded", id="clean runs"),
    pytest.param("difference: CNN, plain pixels − CNN, shuffled pixels", id="what is subtracted"),
])
def test_the_limits_of_an_experiment_are_said(limits):
    told = str(sentences.limits_line({**experiment(), "diverged": {"CNN, plain pixels": 0}}))

    assert limits in told.replace("\u00a0", " ")


def test_a_verdict_that_the_run_does_not_establish_says_what_is_recorded():
    evidence = sample(2, 1)
    evidence["statements"][1]["verdict"] = "not run"
    shown = page.render(evidence)

    assert "Better, as recorded; this run does not establish it:" in shown and "Recorded verdict:" in shown
    assert "What the lecture should change" not in shown


def test_a_table_of_experiments_alone_has_no_empty_columns():
    evidence = sample(1, 1)
    for test in evidence["tests"]:
        test["evidence"] = []

    assert "<thead><tr><th><i>quantity" in page.render(sample(1, 1))
    assert "<thead><tr><th><i>quantity" not in page.render(evidence)


def test_the_embedded_digits_are_told_in_the_head():
    evidence = sample(1, 1)
    evidence["run"]["data"][0].update(name="digits", images=1797)

    assert "MNIST was absent:" in page.render(evidence) and "MNIST was absent:" not in page.render(sample(1, 1))
