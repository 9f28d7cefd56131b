"""Evidence from anybody's file: taken only whole, so that what is taken can be compared, merged and shown."""

import copy
import json
import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.report import page
from lab.report.figures import plots, shown
from lab.report.runs.compare import compare, lines
from lab.report.runs.merge import merge
from lab.report.runs.reading import LARGEST, read
from lab.report.table import as_table
from selfcheck.report_samples import FIGURES, experiment, sample

GOOD = json.loads(page.as_json(sample(8, 1)))
MERGED = json.loads(page.as_json(merge([GOOD, copy.deepcopy(GOOD)], ["laptop", "box"])))
ABSENT = object()
NOT_A_FILE = {
    "nothing": b"",
    "half a file": json.dumps(GOOD).encode()[:5000],
    "a page": b"<!DOCTYPE html>",
    "no text": b"\x89PNG\r\n\x1a\n\xff\xff",
    "a list": b"[]",
    "a number": b"7",
    "an empty table": b"{}",
    "another schema": json.dumps({**GOOD, "schema": 7}).encode(),
    "a schema and no more": b'{"schema": 1}',
    "lists in lists": b"[" * 100_000,
    "lists in lists that end": b"[" * 500 + b"]" * 500,
    "5,000 digits": b"9" * 5000,
}
AMISS = {
    "a duration that is no number": ("tests.0.duration_s", math.nan),
    "a duration without end": ("tests.0.duration_s", math.inf),
    "a run without end": ("run.duration_s", math.inf),
    "a negative duration": ("run.duration_s", -1),
    "a duration of 400 digits": ("tests.0.duration_s", 10**400),
    "a duration in words": ("tests.0.duration_s", "long"),
    "an unknown outcome": ("tests.0.outcome", "PASSED"),
    "an outcome in a list": ("tests.0.outcome", ["HOLDS"]),
    "an unknown role": ("tests.0.role", "example"),
    "an unknown verdict": ("statements.0.verdict", "probably"),
    "a verdict that none records": ("statements.0.recorded", "undecided"),
    "an unknown kind": ("statements.0.kind", ["guess"]),
    "a kind that is no list": ("statements.0.kind", "exact"),
    "a statement without Chinese": ("statements.0.zh", ABSENT),
    "a statement without English": ("statements.0.en", None),
    "a section without Chinese": ("sections.0.zh", ABSENT),
    "a correction in one language": ("statements.1.correction", {"en": "only English"}),
    "an id that is a number": ("statements.0.id", 1),
    "a section's id that is a number": ("sections.0.id", 1),
    "a nodeid that is a number": ("tests.0.nodeid", 1),
    "an empty id": ("statements.0.id", ""),
    "a note in one language": ("statements.0.note", {"zh": "only Chinese"}),
    "a scope that is no text": ("statements.0.scope", "digits"),
    "an unknown origin": ("statements.0.origin", "hearsay"),
    "a place that is a number": ("statements.0.place", 7),
    "a truth value in words": ("statements.0.published", "yes"),
    "a former id that is in use": ("statements.0.was", [GOOD["statements"][1]["id"]]),
    "a test of no statement": ("tests.0.statement", "L99.9"),
    "a statement of no section": ("statements.0.section", "L99"),
    "a statement with a test that isn't there": ("statements.0.tests", ["tests/test_else.py::test_else"]),
    "two statements of one id": ("statements.1.id", GOOD["statements"][0]["id"]),
    "two tests of one name": ("tests.1.nodeid", GOOD["tests"][0]["nodeid"]),
    "two sections of one id": ("sections", GOOD["sections"] * 2),
    "no sections": ("sections", ABSENT),
    "tests in a table": ("tests", {}),
    "a test that is a word": ("tests.0", "test"),
    "a test without claim": ("tests.0.claim", ABSENT),
    "a run without packages": ("run.packages", ABSENT),
    "packages in a list": ("run.packages", ["torch"]),
    "a version that is a number": ("run.packages.torch", 2.9),
    "a commit that is a list": ("run.commit", []),
    "half a thread": ("run.threads", 0.5),
    "data without images": ("run.data.0.images", ABSENT),
    "half an image": ("run.data.0.images", 0.5),
    "a command of two words": ("run.repeat", ["python", "-m"]),
    "costs that are a number": ("run.costs", 3),
    "evidence without value": ("tests.0.evidence.0.value", ABSENT),
    "evidence that is a number": ("tests.0.evidence", 108),
    "lists in lists as value": ("tests.0.evidence.0.value", json.loads("[" * 300 + "]" * 300)),
    "a figure without title": ("tests.0.figures.0.title", ABSENT),
    "a figure of unknown kind": ("tests.0.figures.0.kind", "pie"),
    "an experiment that is a word": ("tests.0.experiment", "yes"),
    "an experiment without arms": ("tests.0.experiment.arms", ABSENT),
    "trials in words": ("tests.0.experiment.arms", {"CNN": ["good"]}),
    "trials beyond numbers": ("tests.0.experiment.arms", {"CNN": [10**400]}),
    "an interval with one end": ("tests.0.experiment.interval", [1.0]),
    "an interval in words": ("tests.0.experiment.interval", ["low", "high"]),
    "a metric that is a number": ("tests.0.experiment.metric", 5),
    "a margin without end": ("tests.0.experiment.margin", math.inf),
    "a recipe in a list": ("tests.0.experiment.recipe", []),
    "data that have no name": ("tests.0.experiment.data", {"sha256": "ab"}),
    "a bound on divergence without runs": ("tests.0.experiment.diverged", ABSENT),
    "a test of no run": ("tests.0.run", 0),
}
REPLACED = st.one_of(st.none(), st.booleans(), st.integers(-1, 1), st.just(10**400), st.floats(), st.sampled_from(
    ["", "nan", "inf", "\ud800\0\n", "L1.1", "{} [", "x" * 300, [], {}, [[]], ["a"], [1, None], {"a": 1}, ABSENT]))


def changed(evidence, path, value):
    """A copy with another value at a place such as ("tests", 0, "claim"); ABSENT leaves it out."""
    copied = inner = copy.deepcopy(evidence)
    *path, last = path
    for part in path:
        inner = inner[part]
    if value is ABSENT:
        del inner[last]
    else:
        inner[last] = value
    return copied


def places(value, path=()):
    """Every place within: tuples of keys and indices."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield *path, key
        yield from places(inner, (*path, key))


def taken(folder, raw):
    """Evidence from a file of these bytes; None where it is refused, in one sentence."""
    (folder / "evidence.json").write_bytes(raw)
    try:
        return read(folder / "evidence.json")
    except page.ReportError as refusal:
        told = str(refusal)
    assert "evidence.json can't be read as evidence (" in told and "\n" not in told and len(told) < 500
    assert told.endswith("): name the evidence.json of an earlier run.")
    return None


@pytest.mark.parametrize("evidence", [GOOD, MERGED], ids=["of a run", "of a merged page"])
def test_what_was_written_is_taken(tmp_path, evidence):
    assert taken(tmp_path, page.as_json(evidence).encode()) == evidence


@pytest.mark.parametrize("levels, accepted", [(20, True), (21, False)])
def test_evidence_may_be_twenty_levels_deep(tmp_path, levels, accepted):
    value = 1
    for _ in range(levels - len(("tests", 0, "experiment", "recipe", "a"))):
        value = [value]
    deep = changed(GOOD, ("tests", 0, "experiment", "recipe", "a"), value)

    assert (taken(tmp_path, json.dumps(deep).encode()) == deep) is accepted


@pytest.mark.parametrize("ours, origin", [(True, "ours"), (False, "notes"), (ABSENT, "notes")])
def test_a_file_from_before_there_were_origins_is_taken_compared_and_merged(tmp_path, ours, origin):
    evidence = copy.deepcopy(GOOD)
    for one in evidence["statements"]:
        for name in ("was", "origin", "place", "published", "note", "scope"):
            del one[name]
        one.update({} if ours is ABSENT else {"ours": ours})
    earlier = taken(tmp_path, json.dumps(evidence).encode())

    assert {one["origin"] for one in earlier["statements"]} == {origin}
    assert compare(earlier, GOOD)["verdicts"] == [] and page.render(merge([earlier, GOOD]))


@pytest.mark.parametrize("raw", NOT_A_FILE.values(), ids=NOT_A_FILE)
def test_a_file_that_is_no_evidence_is_refused(tmp_path, raw):
    assert taken(tmp_path, raw) is None


@pytest.mark.parametrize("place, value", AMISS.values(), ids=AMISS)
def test_evidence_that_is_amiss_is_refused(tmp_path, place, value):
    path = [int(part) if part.isdigit() else part for part in place.split(".")]

    assert taken(tmp_path, json.dumps(changed(GOOD, path, value)).encode()) is None


@pytest.mark.parametrize("make, why", [
    pytest.param(os.mkfifo, "it is a fifo, not a file", id="a fifo"),
    pytest.param(os.mkdir, "it is a folder, not a file", id="a folder"),
    pytest.param(lambda path: path.symlink_to("/dev/zero"), "it is a device, not a file", id="a device by a link"),
    pytest.param(lambda path: path.symlink_to(path), "Too many levels of symbolic links", id="a link to itself"),
    pytest.param(lambda path: (path.touch(), os.truncate(path, LARGEST + 1)), "more than 20,000,000", id="too large"),
])
def test_what_is_no_file_is_refused_unread(tmp_path, make, why):
    make(tmp_path / "evidence.json")

    with pytest.raises(page.ReportError, match=f"can't be read as evidence .*{why}"):
        read(tmp_path / "evidence.json")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_is_taken_can_be_compared_merged_and_shown(data, tmp_path_factory):
    """One place of good evidence replaced or left out: refused, or taken, and then no later step fails."""
    evidence = data.draw(st.sampled_from([GOOD, MERGED]))
    path = data.draw(st.sampled_from([path for path in places(evidence) if "figures" not in path]))
    raw = json.dumps(changed(evidence, path, data.draw(REPLACED))).encode()
    other = taken(tmp_path_factory.getbasetemp(), raw)
    if other is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "draw", lambda *_: ("", {}))       # another check's
        for old, new in [(other, GOOD), (GOOD, other)]:
            comparison = compare(old, new)
            page.render({**new, "comparison": comparison})
            assert all(isinstance(line, str) for line in lines(comparison))
        merged = merge([other, GOOD], differing=True)
        assert page.render(merged) and page.as_json(merged) and as_table(merged)


@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore")       # matplotlib's, of numbers that it can't place
@given(data=st.data())
def test_whatever_a_figure_holds_is_drawn_or_told_in_a_sentence(data):
    figure = data.draw(st.sampled_from([*FIGURES, next(shown.of_test(
        {"role": "case", "figures": [], "experiment": experiment()}))]))
    path = data.draw(st.sampled_from([path for path in places(figure) if path[0] not in {"kind", "title"}]))

    assert plots.draw(changed(figure, path, data.draw(REPLACED)))[0]


def test_a_logarithm_beyond_numbers_is_shown_as_endless(tmp_path):
    trial = {**experiment(), "metric": "doublings", "mean": 1e5, "interval": [-1e5, 1e5], "differences": [1e5] * 8}
    taken_in = taken(tmp_path, page.as_json(changed(GOOD, ("tests", 0, "experiment"), trial)).encode())

    assert "steps to the same loss" in page.render(taken_in)


BROKEN = {
    "half a file": lambda path: path.write_bytes(path.read_bytes()[:200]),
    "a duration without end": lambda path: path.write_text(json.dumps(changed(GOOD, ("run", "duration_s"), math.inf))),
    "a fifo": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_a_broken_earlier_run_costs_the_comparison_and_not_the_page(lecture, spoil):
    project = lecture()
    project.runpytest()
    spoil(project.path / "reports/evidence.json")
    result = project.runpytest()

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["report: *index.html",
                                 "not added to the earlier page: *evidence.json can't be read as evidence (*"])
    assert json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))["run"]["complete"]


@pytest.mark.parametrize("step", ["history.compare", "history.lines", "view.reached_twice"],
                         ids=["comparing", "its lines", "its page"])
def test_a_comparison_that_fails_costs_no_page(lecture, monkeypatch, step):
    project = lecture()
    project.runpytest()
    before = (project.path / "reports/index.html").read_text(encoding="utf-8")
    (project.path / "tests/test_sums.py").write_text(lecture.claims.replace("2 + b", "2 + b + 1"), encoding="utf-8")
    monkeypatch.setattr(f"lab.report.{step}", lambda *_: 1 / 0)
    result = project.runpytest()

    result.stdout.fnmatch_lines(["report: *index.html", "not compared: ZeroDivisionError: *"])
    assert (project.path / "reports/index.html").read_text(encoding="utf-8") != before


@pytest.mark.parametrize("option", ["--merge", "--compare"])
def test_a_broken_file_that_is_named_is_one_sentence_before_any_test_runs(lecture, option):
    project = lecture()
    os.mkfifo(project.path / "earlier.json")
    result = project.runpytest(f"{option}=earlier.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR and "collected" not in result.stdout.str()
    result.stderr.fnmatch_lines(["ERROR: earlier.json can't be read as evidence (it is a fifo, not a file): name *"])


def test_a_merge_that_fails_is_one_sentence(lecture, monkeypatch):
    project = lecture()
    (project.path / "earlier.json").write_text(json.dumps(GOOD), encoding="utf-8")
    monkeypatch.setattr("lab.report.history.merge", lambda *_: 1 / 0)
    result = project.runpytest("--merge=earlier.json")

    result.stderr.fnmatch_lines(["ERROR: These files can't be merged (ZeroDivisionError: *"])


def test_a_folder_in_the_place_of_a_file_of_the_report_is_refused_before_any_work(tmp_path):
    (tmp_path / "evidence.json").mkdir()

    with pytest.raises(page.ReportError, match="where evidence.json is a folder: move it away"):
        page.check_writable(tmp_path)
