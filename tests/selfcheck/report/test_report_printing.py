"""The page on paper: a sheet for students, with blanks, and one for the instructor, with all evidence."""

import re
import shutil
import subprocess

import pytest

from lab.report import page
from selfcheck.report_samples import sample


def printed(visited, sheet, folder):
    """The text of each page of a printed sheet."""
    if not shutil.which("pdftotext"):
        pytest.skip("NOT RUN: no pdftotext; apt-get install poppler-utils")
    visited.check(f"#sheet-{sheet}")
    visited.pdf(path=folder / "sheet.pdf", prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", folder / "sheet.pdf", "-"], capture_output=True, check=True).stdout
    return text.decode().split("\f")[:-1]


def numbered(pages):
    """Do all pages have their number and the count?"""
    return all(re.search(rf"\b{number} ?/ ?{len(pages)}\b", text) for number, text in enumerate(pages, 1))


@pytest.mark.parametrize("language, blank, statement", [
    pytest.param("en", r"☐ +confirmed", "Most parameters of VGG", id="English"),
    pytest.param("zh", r"☐ *成立", "VGG 的参数大多集中", id="Chinese"),
])
def test_the_student_sheet_has_statements_blanks_and_no_verdict(opened, address, tmp_path, language, blank, statement):
    pages = printed(opened(f"{address}?lang={language}"), "student", tmp_path)
    text = " ".join(pages)

    assert text.count(statement) == len(re.findall(blank, text)) == 16
    assert "74.3" not in text and "HOLDS" not in text and "Provenance" not in text
    assert "6,000" not in text and text.count("L6") == 7       # no scope, but whose words a statement is in
    assert numbered(pages)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_instructor_sheet_has_evidence_unfolded(opened, address, tmp_path, script):
    pages = printed(opened(address, java_script_enabled=script), "instructor", tmp_path)
    text = " ".join(pages)

    assert "weights without biases" in text and "Provenance" in text and "four biases come on top" in text
    assert "Nets of 6,000 parameters on digits" in text and "The first layer alone holds" in text
    assert "201,326,592" in text  # a label inside a figure
    assert numbered(pages)


def test_no_figure_is_cut_by_the_end_of_a_page(opened, address, tmp_path):
    pages = [[line.strip() for line in text.split("\n")] for text in printed(opened(address), "instructor", tmp_path)]
    top, axis = ([lines.count(text) for lines in pages] for text in ("CNN, plain pixels", "paired difference, points"))
    captions = [sum(line.startswith("Every trial, and the paired differences") for line in lines) for lines in pages]

    assert sum(captions) >= 4
    assert top == axis == captions


def test_no_section_s_heading_ends_a_page(opened, address, tmp_path):
    pages = printed(opened(address), "instructor", tmp_path)

    assert [text for text in pages if re.search(r"Question L\d(?!.*Most parameters)", text, re.DOTALL)] == []


def ids(pages):
    """The statements' ids on each page."""
    return [re.findall(r"^ *(L\d\.\d)\b", text, re.MULTILINE) for text in pages]


@pytest.mark.parametrize("language, ticked, answer, other", [
    pytest.param("en", "☒ corrected", "The first fully connected layer holds 74.3 %", "第一个全连接层占", id="English"),
    pytest.param("zh", "☒ 需修正", "第一个全连接层占 74.3 %", "The first fully connected layer holds", id="Chinese"),
])
def test_the_key_has_answers_where_the_student_has_blanks(opened, address, tmp_path, language, ticked, answer, other):
    visited = opened(f"{address}?lang={language}")
    blanks, key = (printed(visited, sheet, tmp_path) for sheet in ("student", "key"))
    text = " ".join(" ".join(key).split())

    assert ids(blanks) == ids(key) and sum(map(len, ids(key))) == 16
    assert text.count(ticked) == 2 and text.count(answer) == 4 and other not in text
    assert text.count({"en": "How would you test it?", "zh": "你会怎样检验它？"}[language]) == 16
    assert "37 ms" not in text and "weights without biases" not in text


def test_the_key_has_an_answer_also_where_this_run_measured_nothing(opened, tmp_path):
    evidence = sample(3, 1)
    evidence["statements"][0].update(verdict="published", published=True)
    evidence["statements"][1].update(verdict="not run")
    text = " ".join(printed(opened(page.write(evidence, tmp_path).as_uri()), "key", tmp_path))

    assert text.count("☒") == 2 and "☒ confirmed" in text and "☒ refuted" in text


def test_no_answer_of_the_key_is_longer_than_its_place(opened, address):
    visited = opened(address)
    visited.check("#sheet-key")
    visited.emulate_media(media="print")

    assert visited.locator(".statement > div.reveal").count() == 32
    assert visited.evaluate("""() => [...document.querySelectorAll(".statement > div.reveal")]
        .filter(one => one.scrollHeight > one.clientHeight + 1).map(one => one.closest(".statement").id)""") == []


@pytest.mark.parametrize("language, told, other", [
    pytest.param("en", ["✎ corrected", "Most parameters of VGG", "layer holds 74.3 %", "parameters: 108"], "参数",
                 id="English"),
    pytest.param("zh", ["✎ 需修正", "VGG 的参数大多集中", "全连接层占 74.3 %", "108"], "Most parameters", id="Chinese"),
])
def test_the_short_sheet_has_verdict_correction_and_one_line(opened, address, tmp_path, language, told, other):
    visited = opened(f"{address}?lang={language}")
    short = printed(visited, "short", tmp_path)
    text = " ".join(" ".join(short).split())

    assert [part for part in told if part not in text] == [] and other not in text
    assert "weights without biases" not in text and "Provenance" not in text
    assert len(short) <= 2 and numbered(short)


def test_the_short_sheet_is_shorter_than_the_whole(opened, address, tmp_path):
    visited = opened(address)

    assert len(printed(visited, "short", tmp_path)) < len(printed(visited, "instructor", tmp_path))
