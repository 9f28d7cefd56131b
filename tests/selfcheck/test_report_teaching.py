"""Teaching with the page: projected, predicted and revealed; printed for students and for the instructor."""

import re
import shutil
import subprocess

import pytest

from lab.report import page
from selfcheck.report_samples import sample


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return page.write(sample(16, 1), tmp_path_factory.mktemp("report")).as_uri()


@pytest.fixture
def projected(opened, address):
    visited = opened(address, width=1024)
    visited.click("#project")
    return visited


def place(visited):
    """The statement on the screen, its number, and how many there are."""
    return visited.locator(".statement:visible").get_attribute("id"), visited.inner_text("#projector .steps span")


def test_projecting_predicts_then_reveals(projected):
    projected.keyboard.press("ArrowRight")
    assert place(projected) == ("L1.2", "2 / 16")
    assert not projected.locator(".statement.now .v, .statement.now .correction").first.is_visible()

    projected.keyboard.press("3")
    assert projected.inner_text("#projector .heard").split() == ["You", "expected:", "refuted"]
    projected.keyboard.press("Space")
    assert projected.locator(".statement.now .correction").is_visible()
    assert projected.inner_text("#projector .heard").split()[3:] == ["The", "tests:", "✎", "corrected"]
    projected.keyboard.press("Escape")
    assert projected.locator(".statement:visible").count() == 16


def test_nothing_gives_the_verdict_away_before_the_key(projected):
    seen = projected.locator("body").inner_text()

    assert projected.locator(".reveal:visible").count() == 0
    assert "HOLDS" not in seen and "✓" not in seen


def test_a_presenter_s_two_keys_reveal_and_walk(projected):
    projected.keyboard.press("PageDown")
    assert place(projected)[0] == "L1.1" and projected.locator(".statement.now .v").is_visible()

    projected.keyboard.press("PageDown")
    assert place(projected)[0] == "L1.2" and not projected.locator(".statement.now .v").is_visible()
    projected.keyboard.press("PageUp")
    assert place(projected)[0] == "L1.1"


def test_the_mouse_leaves_the_space_bar_to_reveal(projected):
    projected.click("#next")
    projected.keyboard.press("Space")

    assert place(projected)[0] == "L1.2" and projected.locator(".statement.now .v").is_visible()


def test_down_reads_on_in_long_evidence(projected):
    projected.keyboard.press("Space")
    for _ in range(5):
        projected.keyboard.press("ArrowDown")

    assert projected.locator("main").evaluate("it => it.scrollTop") > 100


def test_the_labels_of_figures_carry_to_the_last_row(projected):
    projected.keyboard.press("Space")
    sizes = projected.locator(".now svg.plot text:visible").evaluate_all("""all => all.map(text =>
        parseFloat(getComputedStyle(text).fontSize) * Math.abs(text.getScreenCTM().a))""")

    assert len(sizes) > 3 and min(sizes) >= 16


def test_projecting_follows_the_filters(opened, address):
    visited = opened(address)
    visited.fill("#query", "L2.3")
    visited.click("#project")

    assert place(visited) == ("L2.3", "1 / 1")


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
    pytest.param("zh", r"☐ +成立", "VGG 的参数大多集中", id="Chinese"),
])
def test_the_student_sheet_has_statements_blanks_and_no_verdict(opened, address, tmp_path, language, blank, statement):
    pages = printed(opened(f"{address}?lang={language}"), "student", tmp_path)
    text = " ".join(pages)

    assert text.count(statement) == len(re.findall(blank, text)) == 16
    assert "74.3" not in text and "HOLDS" not in text and "Provenance" not in text
    assert numbered(pages)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_instructor_sheet_has_evidence_unfolded(opened, address, tmp_path, script):
    pages = printed(opened(address, java_script_enabled=script), "instructor", tmp_path)
    text = " ".join(pages)

    assert "weights without biases" in text and "Provenance" in text and "four biases come on top" in text
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
