"""The tables of costs in a real browser: sorted by a click and by keyboard, accessible, within a phone's width."""
import pytest

from lab.report import page
from selfcheck.cost_samples import cost, costs
from selfcheck.report.test_report_browser import violations
from selfcheck.report_samples import sample


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A page of two merged machines with their rows."""
    other = {"run": 1, "device": "another GPU, 80.0 GiB"}
    rows = [{**row, "run": 0} for row in costs()] + [{**cost(rate=2500.0), **other}, {**cost("AlexNet"), **other}]
    evidence = sample(2, 1)
    runs = [{**evidence["run"], "name": name, "machine": {"gpu": name}} for name in ("T4", "H100")]
    merged = {**evidence, "runs": runs, "costs": rows,
              "tests": [{**test, "run": 0} for test in evidence["tests"]]}
    return page.write(merged, tmp_path_factory.mktemp("report")).as_uri()


def column(visited, number):
    return visited.locator("#costs-1 ~ .scroll").first.locator(f"tbody td:nth-child({number})").all_inner_texts()


def test_a_click_sorts_by_numbers_and_another_turns_them(opened, measured):
    visited = opened(measured)
    heading = visited.locator("#costs-1 ~ .scroll").first.locator("th", has_text="images/s").first
    heading.locator("button").click()
    first = column(visited, 5)
    heading.locator("button").click()

    assert first == ["20,000", "4,000", "1,500", "1,000", "900", "250", "12.25"]
    assert column(visited, 5) == first[::-1]
    assert heading.get_attribute("aria-sort") == "ascending"


def test_the_keyboard_sorts_by_words_and_rows_without_a_number_stay_below(opened, measured):
    visited = opened(measured)
    table = visited.locator("#costs-1 ~ .scroll").first
    table.locator("th", has_text="mode").locator("button").focus()
    visited.keyboard.press("Enter")
    by_mode = column(visited, 2)
    table.locator("th", has_text="p99").locator("button").focus()
    visited.keyboard.press("Space")

    assert by_mode == sorted(by_mode, key=str.lower)
    assert column(visited, 9) == ["8.25"] + [""] * 6
    visited.keyboard.press("Space")
    assert column(visited, 9) == ["8.25"] + [""] * 6


@pytest.mark.parametrize("language, colours, width", [
    ("en", "light", 1280), ("en", "dark", 390), ("zh", "light", 390), ("zh", "dark", 1280)])
def test_axe_finds_no_violation(opened, measured, language, colours, width):
    visited = opened(f"{measured}?lang={language}", width=width, color_scheme=colours)
    visited.locator(".sortable button").first.click()

    assert violations(visited) == []
    assert visited.evaluate("document.scrollingElement.scrollWidth") == width


def test_without_script_the_table_reads(opened, measured):
    visited = opened(measured, java_script_enabled=False)

    assert visited.locator(".sortable").first.is_visible()
    assert visited.locator(".sortable button").count() == 0


@pytest.mark.parametrize("sheet, there", [("instructor", True), ("short", False), ("student", False), ("key", False)])
def test_the_instructors_sheet_alone_has_the_table(opened, measured, sheet, there):
    visited = opened(measured)
    visited.check(f"#sheet-{sheet}")
    visited.emulate_media(media="print")

    assert visited.locator(".costs").is_visible() == there
