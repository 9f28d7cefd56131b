"""Trials that took long are kept as they came, and decide as they did; never counted as this run's."""
import json
from contextlib import nullcontext
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
from lab.experiments.recorder import Keeping, Recorder
from lab.experiments.records import FIRST_LOSSES, FOLDER, RecordError, Records, in_lines, records_in
from selfcheck.experiments.made_again import METRICS, arm_of, made_again, tolerance
from selfcheck.sample_trials import brightness, lasting, learning

GOOD, POOR = Arm("good", lasting, mean=5.0), Arm("poor", lasting, level=2.0)
KEPT = sorted(path for path in FOLDER.glob("*.jsonl") if not path.name.startswith("costs-"))
SEEN = {"name": "photos", "source": "", "sha256": "ab", "images": 7, "official": True}


@pytest.fixture
def recorded(tmp_path):
    """A folder of records of both arms, and the laboratory that they come from."""
    laboratory = Laboratory(tmp_path, runner=Runner(1), record=Recorder(tmp_path / "records", "a machine"))
    laboratory.compare({GOOD: 1, POOR: -1}, "score", 3.0)
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


def test_what_needs_no_record_has_none(tmp_path):
    """An arm without images that takes no time, as a published figure does."""
    keeping = Keeping(Laboratory(tmp_path, runner=Runner(1)), Recorder(tmp_path / "records", "a machine"))
    bright, level = Arm("bright", brightness, data="digits", mean=5.0), Arm("level", learning, steps=0, lr=0.0)
    keeping.compare({bright: 1, level: -1}, "score", 3.0)

    assert [path.name for path in (tmp_path / "records").iterdir()] == ["bright.jsonl"]


@pytest.mark.parametrize("other, cap", [(Arm("new", lasting, mean=1.0), 20), (POOR, 3)],
                         ids=["an arm without records", "too few to decide"])
def test_what_records_do_not_answer_is_not_run(recorded, other, cap):
    with pytest.raises(NotRecorded, match="run it elsewhere"):
        RecordedLaboratory(Records(recorded[0]), "run it elsewhere").compare(
            {GOOD: 1, other: -1}, "score", 3.0, cap=cap)


FIELDS = ("arm", "trial", "recipe", "environment", "data", "machine", "made", "metrics")


@pytest.mark.parametrize("line, why", [
    pytest.param("{", "Expecting property name", id="no JSON"),
    pytest.param("[" * 5000, "recursion", id="too deep"),
    pytest.param("[]", "it is no JSON object", id="a list"),
    pytest.param('{"arm": "good"}', "it has no 'metrics'", id="no metrics"),
    pytest.param('{"seed": 1, "metrics": {}, "shoe size": 43}', "no record has a 'shoe size'", id="too much"),
    pytest.param(json.dumps({"seed": 1} | dict.fromkeys(FIELDS, "x")), "its 'recipe' is of another kind", id="text"),
])
def test_what_is_no_record_is_named(recorded, line, why):
    folder, _ = recorded
    with (folder / "good.jsonl").open("a") as file:
        file.write(f"{line}\n")

    with pytest.raises(RecordError, match=rf"good.jsonl, line \d+, is no record \(.*{why}.*\): restore the file"):
        Records(folder)


def test_a_record_says_whether_other_code_made_it(recorded):
    record = Records(recorded[0]).find(GOOD, 0)
    other = replace(record, environment={**record.environment, "code": "0" * 16})
    versions = record, other, replace(other, alike=[record.environment["code"]])

    assert [one.made_by_other_code({lasting.__module__}) for one in versions] == [False, True, False]


def test_only_records_of_the_data_set_that_is_asked_for_answer(recorded):
    folder, _ = recorded
    for path in folder.iterdir():
        path.write_text(path.read_text().replace('"data": null', f'"data": {json.dumps(SEEN)}'))
    photos, digits = (RecordedLaboratory(Records(folder), "it is absent", name) for name in ("photos", "digits"))

    assert photos.trials(GOOD, [0]) == RecordedLaboratory(Records(folder)).trials(GOOD, [0])
    with pytest.raises(NotRecorded, match="it is absent"):
        digits.trials(GOOD, [0])


@pytest.mark.parametrize("lossy", ["", "JPEG"])
def test_only_records_of_images_that_were_compressed_so_answer(recorded, lossy):
    folder, _ = recorded
    for path in folder.iterdir():
        path.write_text(path.read_text().replace('"data": null', f'"data": {json.dumps({**SEEN, "lossy": lossy})}'))
    laboratory = RecordedLaboratory(Records(folder), "other images")
    laboratory.lossy = "JPEG"

    with nullcontext() if lossy else pytest.raises(NotRecorded, match="other images"):
        assert len(laboratory.trials(GOOD, [0])) == 1


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

    assert long and all(len(record.metrics[FIRST_LOSSES]) == 20 for record in long)
    assert {arm_of(next(records_in(path))).trial for path in KEPT} <= set(METRICS)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 200_000


def test_a_folder_that_cannot_be_written_is_one_sentence(lecture):
    project = lecture()
    Path(project.path / "taken").write_text("a file")
    result = project.runpytest("--record=taken")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*records can't be written to taken (*): name another folder with --record*"])
