"""Runs that are answered by records: never counted as their own, and only where they lack what the records had."""
import json

import pytest

from selfcheck.data_samples import write_mnist, write_tree
from selfcheck.warm_runs import TESTS

SEEN = {"name": "photos", "source": "", "sha256": "ab", "images": 7, "official": True}
LECTURE = '''
import pytest
from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.experiments.course_results import need_course_scale
from selfcheck.sample_trials import lasting


@claim("two-and-two")
@pytest.mark.parametrize("mean", [
    pytest.param(5.0, id="better"),
    pytest.param(0.0, id="as good", marks=counterexample("there is no difference")),
])
def test_one_is_better(mean, course_laboratory, evidence):
    """One is better by more than 3."""
    need_course_scale(course_laboratory, "a day")
    arms = {Arm("one", lasting, mean=mean): 1, Arm("other", lasting, level=2.0): -1}
    gain = course_laboratory.compare(arms, "score", 3.0)
    evidence.experiment(gain)

    assert gain.verdict == "confirmed"
'''

ON_MNIST = '''
import pytest
from lab.claims import claim, counterexample
from lab.data.pixel_statistics import grey_values
from lab.experiments import Arm
from selfcheck.sample_trials import brightness


@claim("two-and-two")
@pytest.mark.parametrize("black", [
    pytest.param(0.0, id="as it is"),
    pytest.param(300.0, id="far too dark", marks=counterexample("no pixel is brighter than 255")),
])
def test_mnist_is_brighter(black, laboratory_with, statistic_of, evidence):
    """MNIST's mean grey value is above 3."""
    arms = {Arm("MNIST", brightness): 1, Arm("black", brightness, mean=black): -1}
    gain = laboratory_with("mnist").compare(arms, "score", 3.0)
    evidence.measured("pixels of a grey value", statistic_of(grey_values, "mnist"))

    assert gain.verdict == "confirmed"
'''

ON_PHOTOS = '''
import pytest
from lab.claims import claim, counterexample
from lab.data.pixel_statistics import grey_values


@claim("two-and-two")
@pytest.mark.parametrize("channels", [
    pytest.param(3, id="in colour"),
    pytest.param(1, id="grey", marks=counterexample("a photograph has three channels")),
])
def test_photographs_are_in_colour(channels, statistic_of, evidence):
    """CIFAR-10's images have three channels."""
    counts = statistic_of(grey_values, "cifar10")
    evidence.measured("channels", len(counts))

    assert len(counts) == channels
'''


@pytest.mark.parametrize("lost, verdict", [("nothing", "recorded"), ("one-s", "not run")])
def test_a_run_that_does_not_train_shows_what_was_recorded(lecture, lost, verdict):
    project = lecture(LECTURE)
    project.runpytest("-q", "--scale", "course", "--record=kept", "--report-dir=first")
    for path in (project.path / "kept").iterdir():
        path.write_text(path.read_text().replace('"data": null', f'"data": {json.dumps(SEEN)}'))
    (project.path / "kept" / "other.jsonl").rename(project.path / ("away" if lost == "one-s" else "kept/other.jsonl"))
    result = project.runpytest("-q", "--record=kept", "--report-dir=second")
    evidence = json.loads((project.path / "second/evidence.json").read_text())
    (statement,) = [one for one in evidence["statements"] if one["id"] == "S1"]
    told = {test["reason"].partition(":")[0] for test in evidence["tests"]}

    result.assert_outcomes(skipped=2)
    assert statement["verdict"] == verdict
    assert [data["name"] for data in evidence["run"]["data"]] == ["digits"]     # what this run saw
    assert {test["experiment"]["data"]["name"] for test in evidence["tests"] if test["experiment"]} <= {"photos"}
    assert told == {"recorded trials" if verdict == "recorded" else "needs --scale course"}


@pytest.mark.parametrize("there, outcome", [(True, "HOLDS"), (False, "RECORDED")], ids=["read here", "absent"])
def test_a_claim_on_absent_data_is_answered_by_records(lecture, tmp_path, there, outcome):
    project, folder = lecture(ON_MNIST), write_mnist(tmp_path / "there").parents[1]
    project.runpytest("-q", f"--data-dir={folder}", "--record=kept", "--report-dir=first")
    project.runpytest("-q", f"--data-dir={folder if there else tmp_path}", "--record=kept", "--report-dir=second")
    tests = json.loads((project.path / "second/evidence.json").read_text())["tests"]

    assert {test["outcome"] for test in tests if test["role"] == "case"} == {outcome}
    assert all(("MNIST isn't at" in test.get("lacking", "")) is not there for test in tests)


@pytest.mark.parametrize("options, outcomes", [
    pytest.param(["-m", "gpu", "--scale=course"], {"passed": 1, "xfailed": 1}, id="asked for"),
    pytest.param(["-m", "gpu"], {"skipped": 2}, id="not at this scale"),
    pytest.param(["--scale=course"], {"skipped": 2}, id="not asked for"),
])
def test_a_course_result_trains_on_a_processor_where_it_is_asked_for(lecture, options, outcomes):
    project = lecture(LECTURE.replace("@pytest.mark.parametrize", "@pytest.mark.gpu\n@pytest.mark.parametrize"))
    project.runpytest("-q", "-o", "markers=gpu\nclaim", "--device=cpu", *options).assert_outcomes(**outcomes)


def test_the_run_names_the_data_that_only_a_statistic_read(lecture, tmp_path):
    project, folder = lecture(ON_PHOTOS), write_tree(tmp_path / "there").parent
    project.runpytest("-q", f"--data-dir={folder}", "--report-dir=first").assert_outcomes(passed=1, xfailed=1)
    read = json.loads((project.path / "first/evidence.json").read_text())["run"]["data"]

    assert [(data["name"], data["official"]) for data in read] == [("digits", True), ("cifar10", False)]


@pytest.fixture(scope="module")
def verdicts(runs, tmp_path_factory):
    """{statement: verdict} where this project's records alone answer: nothing is measured, and no data is there."""
    folder = tmp_path_factory.mktemp("recorded")
    files = "benchmarks", "exercises/test_7_lenet_training.py", "exercises/test_9_attention_training.py"
    runs.run(folder, "-p", "no:cacheprovider", f"--report-dir={folder}", f"--data-dir={folder}",
             *(f"tests/{name}" for name in files), project=TESTS.parent)
    statements = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["statements"]
    return {one["id"]: one["verdict"] for one in statements}


def test_claims_about_cost_are_answered_by_the_committed_records_of_a_processor(verdicts):
    """Those that only a GPU answers wait for one."""
    assert {id: verdict for id, verdict in verdicts.items() if id.startswith("G")} == {
        **dict.fromkeys(["G1", "G2", "G3", "G4", "G6", "G7"], "recorded"), "G5": "published", "G8": "published"}


def test_what_trained_for_hours_is_answered_by_the_committed_records(verdicts):
    assert {id: verdicts[id] for id in ("E7.3", "E9.2", "R2")} == dict.fromkeys(["E7.3", "E9.2", "R2"], "recorded")
