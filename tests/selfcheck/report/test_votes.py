"""In class: any statement in a few keys, a bar of sections, the figure alone, a timer, hands counted, a quiz."""

import csv
from io import StringIO

import pytest

from lab.report import page
from selfcheck.report.test_report_browser import violations
from selfcheck.report_samples import sample


@pytest.fixture
def projected(opened, address):
    visited = opened(address, width=1024)
    visited.click("#project")
    return visited


def press(visited, *keys):
    for key in keys:
        visited.keyboard.press(key)


def shown(visited):
    return visited.locator(".statement:visible").get_attribute("id")


def heard(visited):
    return visited.inner_text("#projector .heard")


def count(visited, before, after=()):
    """Enter hands for A to D, by keyboard alone."""
    press(visited, "v")
    for number in [*before, *after]:
        visited.keyboard.type(str(number))
        press(visited, "Tab")
    visited.locator("#votes input").first.press("Escape")


@pytest.mark.parametrize("text, statement", [("6", "L2.2"), ("L2.2", "L2.2"), ("l2.2", "L2.2"), ("1", "L1.1")])
def test_a_statement_is_taught_after_a_click_its_number_and_enter(opened, address, text, statement):
    visited = opened(address, width=1024)
    visited.click("#aim")
    press(visited, *text, "Enter")
    assert shown(visited) == statement and not visited.locator(".statement.now .v").is_visible()

    press(visited, "2", "Space")
    assert visited.locator(".statement.now .v").is_visible()


def test_each_statement_has_a_button_that_projects_it(opened, address):
    visited = opened(address)
    visited.get_by_role("button", name="Project L2.3").click()

    assert shown(visited) == "L2.3"


def test_going_to_another_statement_while_projecting(projected):
    press(projected, "g", "l", "2", ".", "1", "Enter")
    assert shown(projected) == "L2.1" and projected.inner_text("#place") == "5"

    press(projected, "g", "9", "9", "Enter")
    assert "No statement here has this id" in heard(projected) and shown(projected) == "L2.1"
    press(projected, "Escape", "ArrowRight")
    assert shown(projected) == "L2.2" and "No statement" not in heard(projected)


def test_the_bar_leads_to_the_sections(projected):
    projected.get_by_role("button", name="L2", exact=True).press("Enter")

    assert shown(projected) == "L2.1"
    assert projected.locator("#bar [aria-current=true]").inner_text() == "L2"


def test_the_bar_has_the_sections_of_what_is_projected(opened, address):
    visited = opened(f"{address}?section=L2&project=on", width=1024)

    assert visited.locator("#bar button:visible").all_inner_texts() == ["L2"]


def test_a_key_shows_the_figure_alone_once_it_is_revealed(projected):
    press(projected, "f")
    assert projected.locator("figure.alone").count() == 0

    press(projected, "Space", "f", "ArrowRight")
    box = projected.locator("figure.alone").bounding_box()
    assert (box["width"], box["height"]) == (1024, 900) and shown(projected) == "L1.1"
    press(projected, "Escape")
    assert projected.locator("figure.alone").count() == 0 and shown(projected) == "L1.1"


def test_the_timer_counts_down_and_says_when_time_is_up(opened, address):
    visited = opened(address, width=1024)
    visited.clock.install()
    visited.click("#project")
    press(visited, "t")
    visited.clock.run_for(1_000)
    assert visited.inner_text("#left") == "0:59" and "Time is up" not in heard(visited)

    visited.clock.run_for(60_000)
    assert "Time is up" in heard(visited)
    press(visited, "t", "ArrowRight")    # a vote ends with its statement
    assert visited.inner_text("#left") == "" and "Time is up" not in heard(visited)


def test_votes_stand_beside_the_verdict_after_the_reveal(projected):
    press(projected, "ArrowRight")    # corrected: B
    count(projected, before=(12, 8, 10, 0), after=(3, 22, 5, 0))
    assert "The class" not in heard(projected) and not projected.locator("#votes").is_visible()

    press(projected, "Space")
    assert "8 / 30 (27 %) → 22 / 30 (73 %) · A 12→3, B 8→22, C 10→5, D 0→0" in heard(projected)
    press(projected, "ArrowRight", "Space")
    assert "The class" not in heard(projected)


def test_votes_outlive_a_reload_and_are_forgotten_when_asked(projected):
    count(projected, before=(7, 0, 3, 0))
    projected.reload()
    press(projected, "Space")
    assert "7 / 10 (70 %) · A 7" in heard(projected)

    press(projected, "s")
    projected.get_by_role("button", name="Forget all").press("Enter")
    press(projected, "Home", "Space")
    assert "The class" not in heard(projected)


def test_the_summary_has_the_most_wrong_first_and_is_saved_to_a_file(projected):
    count(projected, before=(9, 1, 0, 0))
    press(projected, "ArrowRight", "ArrowRight", "1", "Space", "ArrowLeft")    # the lecturer's own guess is no vote
    count(projected, before=(8, 2, 0, 0), after=(4, 6, 0, 0))
    press(projected, "End", "ArrowRight")    # beyond the last
    rows = projected.locator("#summary tbody tr")
    assert [row.split()[0] for row in rows.all_inner_texts()] == ["L1.2", "L1.1"]
    with projected.expect_download() as saved:
        projected.get_by_role("button", name="Save to a file").press("Enter")

    table = list(csv.DictReader(StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["id"], row["B before"], row["B after"], row["right before, %"]) for row in table] == [
        ("L1.2", "2", "6", "20"), ("L1.1", "1", "0", "90")]


def test_a_quiz_keeps_the_score_of_first_answers(opened, address):
    visited = opened(address, width=1024)
    visited.click("#quiz")
    press(visited, "1", "Space")
    assert heard(visited).split()[-4:] == ["Right:", "1", "/", "1"]
    press(visited, "ArrowRight", "1", "Space")
    assert heard(visited).split()[-4:] == ["Right:", "1", "/", "2"]

    press(visited, "2", "Space")    # known by now
    visited.reload()
    assert heard(visited).split() == ["Right:", "1", "/", "2"] and not visited.locator("#vote").is_visible()


@pytest.mark.parametrize("verdict", ["published", "recorded"])
def test_a_verdict_from_elsewhere_is_answered_by_what_it_says(opened, tmp_path, verdict):
    evidence = sample(1, 1)
    evidence["statements"][0].update(verdict=verdict, published=verdict == "published")
    visited = opened(page.write(evidence, tmp_path).as_uri(), width=1024)
    visited.click("#quiz")
    press(visited, "1", "Space")    # confirmed, as recorded

    assert heard(visited).split()[-4:] == ["Right:", "1", "/", "1"]


@pytest.mark.parametrize("keys, colours", [("v", "light"), ("s", "dark")], ids=["votes", "summary"])
def test_axe_finds_no_violation(projected, keys, colours):
    projected.emulate_media(color_scheme=colours, reduced_motion="reduce")
    press(projected, "2", *keys)

    assert violations(projected) == []


def test_four_cards_of_large_letters_fill_a_printed_sheet(opened, address):
    visited = opened(address)
    visited.check("#sheet-cards")
    visited.emulate_media(media="print")
    letters = visited.locator(".cards b")

    assert letters.all_inner_texts() == ["A", "B", "C", "D"]
    assert min(letter.bounding_box()["height"] for letter in letters.all()) > 70 * 96 / 25.4    # 70 mm
    assert visited.locator("h1").is_hidden() and visited.pdf(format="A4").count(b"/Type /Page\n") == 1
