"""The page: valid evidence, nothing but text from text, small, and the same each time."""

import copy
import json
import re
from html import unescape

import jsonschema
import pytest

from lab.report import page
from lab.report.figures import plots
from lab.report.figures.drawings import Drawings
from lab.report.language import words
from lab.report.language.catalogue import translated
from selfcheck.hostile import HOSTILE, everywhere
from selfcheck.html_reader import Elements
from selfcheck.report_samples import SCHEMA, sample


@pytest.fixture(scope="module")
def evidence():
    return sample(statements=16)


@pytest.fixture(scope="module")
def rendered(evidence):
    return page.render(evidence)


@pytest.fixture(scope="module")
def harmless():
    return Elements(page.render(everywhere("harmless")))


def test_evidence_json_fits_its_schema(evidence, tmp_path):
    page.write(evidence, tmp_path)

    jsonschema.validate(json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize(("part", "field", "value"), [
    pytest.param("statements", "verdict", "probably", id="a verdict that is no word of ours"),
    pytest.param("tests", "outcome", "PASSED", id="an outcome that is no word of ours"),
    pytest.param("tests", "role", "example", id="an unknown role"),
    pytest.param("statements", "correction", {"en": "only English"}, id="a correction in one language"),
])
def test_the_schema_rejects(evidence, part, field, value):
    broken = copy.deepcopy(evidence)
    broken[part][0][field] = value

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_figures_that_were_drawn_ahead_are_on_the_page_and_share_no_ids(evidence, monkeypatch):
    """Also where two functions show the same figure."""
    lines = {"kind": "lines", "title": "Loss", "x": [1, 2, 5], "series": {"net": [3, 2, 1]}}
    shown = copy.deepcopy(evidence)
    for test in shown["tests"]:
        test["figures"] = [lines] if test["role"] == "case" else []
    drawings = Drawings()
    for test in shown["tests"]:
        drawings.begin(test)
    monkeypatch.setattr(plots, "draw", None)
    ids = re.findall(r'<(?:path|image|g)[^>]* id="?([\w.]+)', page.render(shown, drawings=drawings))

    assert len(ids) > 3 and len(set(ids)) == len(ids)


def test_numbers_that_are_not_finite_become_words():
    assert json.loads(page.as_json({"a": [float("nan"), float("inf"), -float("inf"), 1.5]})) == {
        "a": ["nan", "inf", "-inf", 1.5]}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(text, harmless):
    hostile = Elements(page.render(everywhere(text)))

    assert set(hostile.names) <= {*harmless.names, "wbr"}
    assert hostile.names.count("script") == 1
    assert not [name for name, _ in hostile.attributes if name.startswith("on") or name == "style"]
    assert not [value for name, value in hostile.attributes if name in {"src", "href"}
                and not value.startswith(("#", "data:"))]
    assert {name for name, _ in hostile.attributes} <= {name for name, _ in harmless.attributes}


def test_hostile_text_is_shown_as_text():
    text = "<script>alert('&amp;')</script>"

    assert page.render(everywhere(text)).count("&lt;script&gt;alert(&#39;&amp;amp;&#39;)&lt;/script&gt;") > 400


def test_no_two_elements_share_an_id(rendered):
    ids = [value for name, value in Elements(rendered).attributes if name == "id"]

    assert len(ids) == len(set(ids))


def test_rendering_is_deterministic(evidence, rendered):
    assert page.render(copy.deepcopy(evidence)) == rendered


def test_the_page_needs_nothing_else(rendered):
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', rendered)[1])

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#|data:)[\w/.]""", re.sub(
        r"<script>.*</script>", "", rendered, flags=re.DOTALL))


def test_an_unknown_language_is_refused(evidence):
    with pytest.raises(page.ReportError, match="use one of en, zh or auto"):
        page.render(evidence, "fr")


def test_a_full_lecture_stays_within_a_megabyte_and_a_half(drawn_once):
    assert len(page.render(sample(statements=114, claims_each=2)).encode()) < 1_500_000


def test_an_undecodable_name_does_not_stop_the_report(evidence, tmp_path):
    strange = copy.deepcopy(evidence)
    strange["run"]["command"] = "pytest \udc80"

    path = page.write(strange, tmp_path)
    assert json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))["run"]["command"] == "pytest \udc80"
    assert "pytest " in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*words.VERDICTS, *words.OUTCOMES, *words.OTHERS])
def test_every_word_of_the_vocabulary_has_its_chinese(word):
    assert translated(word, "zh") != word
