"""Trials that took long are kept as they came, and decide as they did; never counted as this run's."""
import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab.data import load
from lab.errors import NotAvailable
from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.experiments.arms import Task
from lab.experiments.laboratory import Laboratory
from lab.experiments.recorded import NotRecorded, RecordedLaboratory
from lab.experiments.records import FIRST, FOLDER, Keeping, Recorder, RecordError, Records, in_lines, records_in
from selfcheck.data_samples import write_mnist, write_tree
from selfcheck.experiments.made_again import METRICS, arm_of, made_again, tolerance
from selfcheck.sample_trials import lasting
from selfcheck.warm_runs import TESTS

GOOD, POOR = Arm("good", lasting, mean=5.0), Arm("poor", lasting, level=2.0)
KEPT = sorted(path for path in FOLDER.glob("*.jsonl") if not path.name.startswith("costs-"))
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


@pytest.fixture
def recorded(tmp_path):
    """A folder of records of both arms, and the laboratory that they come from."""
    laboratory = Laboratory(tmp_path, runner=Runner(1))
    Keeping(laboratory, Recorder(tmp_path / "records", "a machine")).compare({GOOD: 1, POOR: -1}, "score", 3.0)
    return tmp_path / "records", laboratory


def test_records_decide_as_the_trials_did(recorded):
    folder, laboratory = recorded
    trained = laboratory.compare({GOOD: 1, POOR: -1}, "score", 3.0)
    found = RecordedLaboratory(Records(folder)).compare({GOOD: 1, POOR: -1}, "score", 3.0)

    assert replace(found, recorded=None) == trained
    assert found.recorded["trials"] == 2 * trained.n and found.recorded["machines"] == ["a machine"]
    assert laboratory.trials(POOR, [0, 1]) == RecordedLaboratory(Records(folder)).trials(POOR, [0, 1])


def test_each_trial_that_takes_long_is_kept_once(recorded):
    folder, _ = recorded
    Recorder(folder, "a machine")(Task(GOOD, folder), 0, lasting([0], data_dir=folder, mean=5.0)[0])
    seeds = [record.seed for record in records_in(folder / "good.jsonl")]
    whole, *others = (folder / "good.jsonl").read_text().splitlines()

    assert sorted(path.name for path in folder.iterdir()) == ["good.jsonl", "poor.jsonl"]
    assert len(seeds) == len(set(seeds)) >= 5
    assert "machine" in json.loads(whole) and all(set(json.loads(line)) == {"seed", "metrics"} for line in others)
    assert (folder / "good.jsonl").read_text() == in_lines(records_in(folder / "good.jsonl"))


@pytest.mark.parametrize("other, cap", [(Arm("new", lasting, mean=1.0), 20), (POOR, 3)],
                         ids=["an arm without records", "too few to decide"])
def test_what_records_do_not_answer_is_not_run(recorded, other, cap):
    with pytest.raises(NotRecorded, match="run it elsewhere"):
        RecordedLaboratory(Records(recorded[0]), "run it elsewhere").compare(
            {GOOD: 1, other: -1}, "score", 3.0, cap=cap)


@pytest.mark.parametrize("line", ["{", "[]", "7", '{"arm": "good"}', "[" * 5000, json.dumps({"seed": 1} | dict.fromkeys(
    ("arm", "trial", "recipe", "environment", "data", "machine", "made", "metrics"), "x"))])
def test_what_is_no_record_is_named(recorded, line):
    folder, _ = recorded
    with (folder / "good.jsonl").open("a") as file:
        file.write(f"{line}\n")

    with pytest.raises(RecordError, match=r"good.jsonl, line \d+, is no record .*: restore the file"):
        Records(folder)


def test_a_record_says_whether_other_code_made_it(recorded):
    record = Records(recorded[0]).find(GOOD, 0)
    other = replace(record, environment={**record.environment, "code": "0" * 16})
    versions = record, other, replace(other, alike=[record.environment["code"]])

    assert [one.made_by_other_code({lasting.__module__}) for one in versions] == [False, True, False]


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


def test_only_records_of_the_data_set_that_is_asked_for_answer(recorded):
    folder, _ = recorded
    for path in folder.iterdir():
        path.write_text(path.read_text().replace('"data": null', f'"data": {json.dumps(SEEN)}'))
    photos, digits = (RecordedLaboratory(Records(folder), "it is absent", name) for name in ("photos", "digits"))

    assert photos.trials(GOOD, [0]) == RecordedLaboratory(Records(folder)).trials(GOOD, [0])
    with pytest.raises(NotRecorded, match="it is absent"):
        digits.trials(GOOD, [0])


@pytest.mark.parametrize("there, outcome", [(True, "HOLDS"), (False, "RECORDED")], ids=["read here", "absent"])
def test_a_claim_on_absent_data_is_answered_by_records(lecture, tmp_path, there, outcome):
    project, folder = lecture(ON_MNIST), write_mnist(tmp_path / "there").parents[1]
    project.runpytest("-q", f"--data-dir={folder}", "--record=kept", "--report-dir=first")
    project.runpytest("-q", f"--data-dir={folder if there else tmp_path}", "--record=kept", "--report-dir=second")
    tests = json.loads((project.path / "second/evidence.json").read_text())["tests"]

    assert {test["outcome"] for test in tests if test["role"] == "case"} == {outcome}
    assert all(("MNIST isn't at" in test.get("lacking", "")) is not there for test in tests)


def test_the_run_names_the_data_that_only_a_statistic_read(lecture, tmp_path):
    project, folder = lecture(ON_PHOTOS), write_tree(tmp_path / "there").parent
    project.runpytest("-q", f"--data-dir={folder}", "--report-dir=first").assert_outcomes(passed=1, xfailed=1)
    read = json.loads((project.path / "first/evidence.json").read_text())["run"]["data"]

    assert [(data["name"], data["official"]) for data in read] == [("digits", True), ("cifar10", False)]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_recorded_trial_begins_as_this_code_begins_it(path, data_dir):
    record = next(records_in(path))
    try:
        load(record.data["name"], data_dir)
        recorded, found = made_again(record, data_dir)
    except NotAvailable as error:
        pytest.skip(str(error))

    within = tolerance(record)
    assert found == pytest.approx(recorded, abs=within)
    assert found != pytest.approx([value + 2 * within for value in recorded], abs=within)


def test_every_committed_record_can_be_made_again():
    long = [record for path in KEPT for record in records_in(path)
            if "epochs" in record.recipe or record.recipe.get("steps", 0) > 1000]

    assert long and all(len(record.metrics[FIRST]) == 20 for record in long)
    assert {arm_of(next(records_in(path))).trial for path in KEPT} <= set(METRICS)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 200_000


def test_claims_about_cost_are_answered_by_the_committed_records_of_a_processor(runs, tmp_path):
    """Those that only a GPU answers wait for one."""
    runs.run(tmp_path, "-p", "no:cacheprovider", f"--report-dir={tmp_path}", "tests/benchmarks", project=TESTS.parent)
    statements = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))["statements"]

    assert {one["id"]: one["verdict"] for one in statements if one["id"].startswith("G")} == {
        **dict.fromkeys(["G1", "G2", "G3", "G4", "G6", "G7"], "recorded"), "G5": "published", "G8": "published"}


def test_a_folder_that_cannot_be_written_is_one_sentence(lecture):
    project = lecture()
    Path(project.path / "taken").write_text("a file")
    result = project.runpytest("--record=taken")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*records can't be written to taken (*): name another folder with --record*"])
