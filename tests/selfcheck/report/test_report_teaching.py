"""Teaching with the page: statements projected one by one, predicted and revealed."""

import pytest

from lab.report import page
from selfcheck.report_samples import sample
from selfcheck.sample_trials import wait_until


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
    assert place(projected) == ("L1.2", "2 / 8")
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


def test_the_arrow_keys_scroll_wide_code_that_has_the_focus(opened, address):
    visited = opened(f"{address}?project=on", width=390)
    visited.keyboard.press("Space")
    visited.locator(".now .code summary").first.press("Enter")
    visited.locator(".now pre").first.press("ArrowRight")

    wait_until(lambda: visited.locator(".now pre").first.evaluate("pre => pre.scrollLeft"))    # it scrolls smoothly
    assert place(visited)[0] == "L1.1"


def test_the_labels_of_figures_carry_to_the_last_row(projected):
    projected.keyboard.press("Space")
    sizes = projected.locator(".now svg.plot text:visible").evaluate_all("""all => all.map(text =>
        parseFloat(getComputedStyle(text).fontSize) * Math.abs(text.getScreenCTM().a))""")

    assert len(sizes) > 3 and min(sizes) >= 16


def test_projecting_passes_over_what_has_no_verdict(projected):
    walked = []
    for _ in range(9):
        walked.append(place(projected)[0])
        projected.keyboard.press("ArrowRight")

    assert walked == ["L1.1", "L1.2", "L1.3", "L1.4", "L2.1", "L2.2", "L2.3", "L2.4", "L2.4"]


def test_what_is_published_is_projected_and_its_note_and_scope_wait_for_the_key(opened, tmp_path):
    evidence = sample(1, 1)
    evidence["statements"][0].update(verdict="published", published=True)
    visited = opened(page.write(evidence, tmp_path).as_uri() + "?project=on", width=1024)
    waiting = visited.locator(".now .note, .now .scope")
    assert visited.locator(".now .origin").is_visible() and not waiting.first.is_visible()

    visited.keyboard.press("Space")
    assert waiting.nth(0).is_visible() and waiting.nth(1).is_visible()
    assert visited.inner_text("#verdict").split() == ["¶", "published:", "confirmed"]


@pytest.mark.parametrize("query", [pytest.param("L1.7", id="a statement not run"), pytest.param("?!", id="nothing")])
def test_a_sentence_says_that_there_is_nothing_to_project(opened, address, query):
    visited = opened(f"{address}?project=on&find={query}")
    said = visited.get_by_role("status").get_by_text("There is nothing to project: no statement shown has a verdict.")

    for _ in range(2):
        assert said.is_visible() and not visited.locator("#projector").is_visible()
        visited.click("#project")
    visited.fill("#query", "")
    assert not said.is_visible()


def test_projecting_follows_the_filters_also_to_a_single_statement(opened, address):
    visited = opened(address)
    visited.fill("#query", "L2.3")
    visited.click("#project")
    for key in ("PageDown", "PageDown", "ArrowRight", "ArrowLeft"):
        visited.keyboard.press(key)

        assert place(visited) == ("L2.3", "1 / 1") and visited.locator(".statement.now .v").is_visible()


def test_projecting_survives_a_reload_and_ends_with_the_key(opened, address):
    visited = opened(f"{address}?verdict=refuted")
    visited.focus("#project")
    for key in ("Enter", "ArrowRight"):
        visited.keyboard.press(key)
    visited.reload()
    assert place(visited) == ("L2.3", "2 / 2") and not visited.locator(".statement.now .v").is_visible()

    visited.keyboard.press("Escape")
    assert visited.locator("#project:focus").count() == 1
    visited.reload()
    assert not visited.locator("#projector").is_visible() and visited.locator(".statement:visible").count() == 2


@pytest.mark.parametrize("id, projecting", [("L2.2", True), ("L2.7", False)], ids=["with", "without a verdict"])
def test_an_address_that_is_typed_while_projecting_shows_its_statement(opened, address, id, projecting):
    visited = opened(f"{address}?project=on&find=L1.1")
    visited.evaluate(f"location.hash = '{id}'")

    visited.locator(f'[id="{id}"] h3').wait_for(state="visible")
    assert visited.locator("#projector").is_visible() == projecting


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_controls_stay_small_at_twice_the_size_of_text(opened, address, language):
    visited = opened(f"{address}?lang={language}&project=on", width=1024)
    visited.set_viewport_size({"width": 1024, "height": 768})
    visited.evaluate("document.documentElement.style.fontSize = '200%'")
    visited.keyboard.press("3")
    visited.keyboard.press("Space")
    bar, statements = (visited.locator(one).bounding_box() for one in ("#projector", "main"))

    assert bar["height"] < 768 / 5 and bar["y"] + bar["height"] == 768
    assert statements["y"] + statements["height"] == bar["y"]
