"""Writing the lecture without running it: the page anew after a change of a text."""

import copy
import json
import subprocess
import sys

import pytest

from lab.report.figures import drawings, plots
from lab.report.figures.drawings import Drawings
from selfcheck.html_reader import told
from selfcheck.report_samples import FIGURES

ALONE = """
import sys
sys.argv = ["pytest", "--page"]
import pytest
status = pytest.main()
assert "torch" not in sys.modules, "torch was imported"
sys.exit(status)
"""


@pytest.fixture
def project(lecture):
    """A small lecture whose one test ran."""
    project = lecture()
    project.runpytest()
    return project


def edit(project, old, new):
    course = project.path / "tests/course.toml"
    course.write_text(course.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def report(project, name):
    return (project.path / "reports" / name).read_text(encoding="utf-8")


def evidence(project):
    return json.loads(report(project, "evidence.json"))


@pytest.mark.parametrize("old, new, shown", [
    pytest.param("Two and two are four.", "2 + 2 = 4.", "2 + 2 = 4.", id="a statement"),
    pytest.param("二加二得四。", "2 加 2 得 4。", "2 加 2 得 4。", id="its Chinese"),
    pytest.param('en = "Sums"', 'en = "Additions"', "Additions", id="a section"),
    pytest.param('"confirmed"', '"refuted"\ncorrection = { en = "Five.", zh = "五。" }', "Better: Five.",
                 id="a verdict"),
    pytest.param('id = "S1"', 'id = "S7"', "S7 ✓ confirmed", id="an id"),
    pytest.param('[[section.statement]]\nid = "S2"', '[[section.statement]]\nid = "S3"\nslug = "new"\nen = "New."\n'
                 'zh = "新。"\nkind = ["exact"]\nrecorded = "confirmed"\norigin = "ours"\n'
                 '[[section.statement]]\nid = "S2"', "S3 ○ not yet tested", id="a new statement"),
])
def test_a_changed_text_is_on_the_page_without_a_run(project, old, new, shown):
    before = evidence(project)
    edit(project, old, new)
    result = project.runpytest("--page")

    assert result.ret == pytest.ExitCode.OK and "collected" not in result.stdout.str()
    assert shown in (page := report(project, "index.html")) or shown in told(page)
    assert [test["nodeid"] for test in evidence(project)["tests"]] == [test["nodeid"] for test in before["tests"]]
    assert evidence(project)["run"] == before["run"] and not (project.path / "reports/previous.json").exists()


def test_a_statement_that_is_gone_takes_its_evidence_along(project):
    project.runpytest()  # with a comparison, which names its tests
    course = project.path / "tests/course.toml"
    head, first, second = course.read_text(encoding="utf-8").split("[[section.statement]]")
    course.write_text(head + "[[section.statement]]" + second, encoding="utf-8")
    project.runpytest("--page")

    assert [one["id"] for one in evidence(project)["statements"]] == ["S2"] and evidence(project)["tests"] == []


@pytest.mark.parametrize("spoil, sentence", [
    pytest.param(lambda folder: (folder / "reports/evidence.json").unlink(), "evidence.json can't be read as evidence",
                 id="no evidence"),
    pytest.param(lambda folder: (folder / "tests/course.toml").write_text("[[section]"), "course.toml",
                 id="a broken course.toml"),
])
def test_what_keeps_a_page_from_being_made_is_one_sentence(project, spoil, sentence):
    spoil(project.path)
    result = project.runpytest("--page")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stderr.str() and len(result.stderr.lines) <= 3


def test_a_page_alone_waits_for_no_import_of_the_instruments(project):
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=project.path, capture_output=True, text=True, timeout=100)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["title"])
def test_a_drawing_is_kept_for_the_next_page_until_what_it_shows_changes(tmp_path, monkeypatch, figure):
    first = Drawings()
    shown = [first.of(function, figure) for function in "fg"]
    drawings.keep(first, tmp_path / "drawings.json")
    again = Drawings(drawings.read(tmp_path / "drawings.json"))
    monkeypatch.setattr(plots, "draw", lambda figure, name: ("drawn anew", {}))

    assert [again.of(function, figure) for function in "fg"] == shown
    assert again.of("f", {**copy.deepcopy(figure), "title": "another"})[0] == "drawn anew"


def test_kept_drawings_that_cannot_be_read_are_drawn_anew(tmp_path):
    (tmp_path / "drawings.json").write_text('{"a": 1}', encoding="utf-8")

    assert drawings.read(tmp_path / "drawings.json") == drawings.read(tmp_path / "absent.json") == {}


NEW = ["section=S", "en=Two and one are three.", "zh=二加一得三。", "kind=exact"]


def read_file(project, name):
    return (project.path / "tests" / name).read_text(encoding="utf-8")


@pytest.fixture
def commented(project):
    """A lecture of two sections, with comments where an editor writes them."""
    course = project.path / "tests/course.toml"
    head = course.read_text(encoding="utf-8")
    course.write_text("# The lecture\n" + head + "sources = []  # none\n\n# Exercises\n\n" + head.replace(
        'id = "S', 'id = "T').replace("two-and", "and-two"), encoding="utf-8")
    return project


def test_a_new_statement_stands_after_the_last_of_its_section_and_all_else_as_it_was(commented):
    before = read_file(commented, "course.toml"), read_file(commented, "test_sums.py")
    result = commented.runpytest("--new-statement", *NEW)
    entry = ('\n[[section.statement]]\nid = "S3"\nslug = "two-one-three"\nen = "Two and one are three."\n'
             'zh = "二加一得三。"\norigin = "ours"\nkind = ["exact"]\nrecorded = "confirmed"\n')
    course, claims = read_file(commented, "course.toml"), read_file(commented, "test_sums.py")

    assert result.ret == pytest.ExitCode.OK
    assert entry in course and course.replace(entry, "") == before[0]
    assert course.index("# none") < course.index(entry) < course.index("# Exercises")
    assert claims.startswith(before[1]) and '@claim("two-one-three")' in claims
    for name, what in ("course.toml", "[[section.statement]]"), ("test_sums.py", '@claim("two-one-three")'):
        line = next(line for line in result.outlines if name in line).rpartition(" ")[2]
        assert read_file(commented, name).splitlines()[int(line) - 1] == what


@pytest.mark.parametrize("more", [
    pytest.param([], id="exact"),
    pytest.param(["kind=trained", "scope.en=Two nets.", "scope.zh=两个网络。"], id="trained"),
    pytest.param(['en=A "bias" adds \\beta {x}.'], id="a text that Python and TOML write otherwise"),
])
def test_a_skeleton_runs_and_is_broken_until_its_check_is_written(project, more):
    project.runpytest("--new-statement", *NEW, *more)
    result = project.runpytest("-rA")

    assert result.parseoutcomes() == {"passed": 1, "xfailed": 1, "failed": 2}
    assert result.stdout.str().count("BROKEN") >= 2


def test_what_is_missing_is_asked_for(project, monkeypatch):
    answers = iter(["S", "Two and one are three.", "", "二加一得三。", "exact"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    project.runpytest("--new-statement")

    assert 'zh = "二加一得三。"' in read_file(project, "course.toml")  # asked again after the empty answer


@pytest.mark.parametrize("asked, sentence", [
    pytest.param(["section=S"], "A new statement needs en=... zh=... kind=...: add it to --new-statement.",
                 id="missing"),
    pytest.param(["section=X", *NEW[1:]], "course.toml has no section 'X': use one of S.", id="an unknown section"),
    pytest.param([*NEW[:3], "kind=exakt"], "S3 has kind ['exakt']; use some of", id="an unknown kind"),
    pytest.param([*NEW, "slug=two-and-two"], "two-and-two stands twice", id="a slug that is there"),
    pytest.param([*NEW, "hue=red"], "S3 has an unknown entry, hue", id="an unknown entry"),
])
def test_a_statement_that_cannot_be_is_one_sentence_and_changes_nothing(project, asked, sentence):
    before = read_file(project, "course.toml"), read_file(project, "test_sums.py")
    result = project.runpytest("--new-statement", *asked)

    assert result.ret == pytest.ExitCode.USAGE_ERROR and sentence in result.stderr.str()
    assert (read_file(project, "course.toml"), read_file(project, "test_sums.py")) == before
