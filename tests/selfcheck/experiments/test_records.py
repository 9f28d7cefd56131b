"""Trials that took long are kept as they came, and decide as they did; never counted as this run's."""
import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab.errors import NotAvailable
from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.experiments.arms import Task
from lab.experiments.laboratory import Laboratory
from lab.experiments.recorded import NotRecorded, RecordedLaboratory
from lab.experiments.records import FOLDER, Recorder, RecordError, Records, records_in
from lab.training.course_training import first_losses, train_course_net
from selfcheck.sample_trials import lasting, noisy

GOOD, POOR = Arm("good", lasting, mean=5.0), Arm("poor", lasting, level=2.0)
KEPT = sorted(FOLDER.glob("*.jsonl"))
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


@pytest.fixture
def recorded(tmp_path):
    """A folder of records of both arms, and the laboratory that they come from."""
    laboratory = Laboratory(tmp_path, runner=Runner(1), record=Recorder(tmp_path / "records", "a machine"))
    laboratory.compare({GOOD: 1, POOR: -1}, "score", 3.0)
    laboratory.trials(Arm("quick", noisy, log=str(tmp_path / "log")), [0])
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

    assert sorted(path.name for path in folder.iterdir()) == ["good.jsonl", "poor.jsonl"]
    assert len(seeds) == len(set(seeds)) >= 5


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
    told = {test["reason"].lstrip("0123456789 ").split(",")[0] for test in evidence["tests"]}

    result.assert_outcomes(skipped=2)
    assert statement["verdict"] == verdict
    assert [data["name"] for data in evidence["run"]["data"]] == ["digits"]     # what this run saw
    assert {test["experiment"]["data"]["name"] for test in evidence["tests"] if test["experiment"]} <= {"photos"}
    assert told == {"recorded trials" if verdict == "recorded" else "needs --scale course: a day"}


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_recorded_training_begins_as_this_code_begins_it(path, data_dir):
    """Another processor rounds in another way, by some 1e-4 after 20 steps; another code differs by far more."""
    record = next(records_in(path))
    recorded, recipe = record.metrics["first losses"], {**record.recipe}
    del recipe["epochs"]
    try:
        losses = first_losses(record.seed, data_dir=data_dir, **recipe)
    except NotAvailable as error:
        pytest.skip(str(error))

    assert losses == pytest.approx(recorded, abs=0.01)
    assert losses != pytest.approx([*recorded[:-1], recorded[-1] + 0.05], abs=0.01)


def test_every_committed_record_is_of_a_course_net_with_its_first_losses():
    records = [record for path in KEPT for record in records_in(path)]

    assert records and {record.trial for record in records} == {f"{train_course_net.__module__}.train_course_net"}
    assert all(len(record.metrics["first losses"]) == 20 for record in records)
    assert sum(path.stat().st_size for path in KEPT) < 200_000


def test_a_folder_that_cannot_be_written_is_one_sentence(lecture):
    project = lecture()
    Path(project.path / "taken").write_text("a file")
    result = project.runpytest("--record=taken")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*records can't be written to taken (*): name another folder with --record*"])
