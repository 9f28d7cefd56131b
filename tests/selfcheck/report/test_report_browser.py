"""The page in a real browser: quiet, accessible, bilingual, searchable, fast, and readable without script."""


import pytest

from lab.report import page
from selfcheck.hostile import HOSTILE, everywhere
from selfcheck.report_samples import SOURCE, sample


@pytest.fixture(scope="module")
def every_part(tmp_path_factory):
    """A page with all there is: warnings, corrections, a comparison, merged runs, every outcome's colour."""
    return page.write(everywhere(" and more", statements=3), tmp_path_factory.mktemp("report")).as_uri()


def shown(visited, language):
    return visited.locator(".masthead h1 i" + {"en": ":not([lang])", "zh": "[lang]"}[language]).is_visible()


def violations(visited):
    """What axe-core finds wrong: (rule, the first place)."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="NOT RUN: pip install axe-playwright-python")
    found = axe.Axe().run(visited, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found]


@pytest.mark.parametrize("language, colours, width", [      # each choice with each other
    ("en", "light", 1280), ("en", "dark", 390), ("zh", "light", 390), ("zh", "dark", 1280)])
def test_axe_finds_no_violation(opened, every_part, language, colours, width):
    visited = opened(f"{every_part}?lang={language}", width=width, color_scheme=colours)
    visited.click("#unfold")
    visited.click(".filters summary")

    assert violations(visited) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_violation_in_what_is_projected(opened, address, colours):
    visited = opened(address, width=1024, color_scheme=colours, reduced_motion="reduce")
    visited.click("#project")
    visited.keyboard.press("2")
    visited.keyboard.press("Space")

    assert violations(visited) == []


def test_the_language_switches_in_place_and_stays_in_the_address(opened, address):
    visited = opened(address)
    assert shown(visited, "en") and not shown(visited, "zh")

    visited.check("#lang-zh")
    assert shown(visited, "zh") and not shown(visited, "en")
    assert visited.evaluate("document.documentElement.lang") == "zh"
    visited.reload()
    assert shown(visited, "zh")


@pytest.mark.parametrize("run, browser_s, first", [
    pytest.param("auto", "zh-CN", "zh", id="a Chinese browser"),
    pytest.param("auto", "de-DE", "en", id="another browser"),
    pytest.param("zh", "de-DE", "zh", id="the run's option comes before the browser"),
])
def test_the_first_language(opened, tmp_path, run, browser_s, first):
    assert shown(opened(page.write(sample(2, 1), tmp_path, run).as_uri(), locale=browser_s), first)


def test_without_script_everything_reads_and_the_language_switches(opened, address):
    visited = opened(address, java_script_enabled=False)
    text = visited.inner_text("body")

    assert "What the lecture should change" in text and "Most parameters of VGG" in text and "中文" in text
    assert visited.locator(".scripted:visible").count() == 0
    visited.check("#lang-zh")
    assert shown(visited, "zh") and not shown(visited, "en")
    visited.locator(".statement summary").first.click()
    assert visited.locator(".evidence").first.is_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_wider_than_a_phone(opened, every_part, language):
    visited = opened(f"{every_part}?lang={language}", width=390)
    visited.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    for width in (390, 320):
        visited.set_viewport_size({"width": width, "height": 900})
        assert visited.evaluate("document.scrollingElement.scrollWidth") == width


def test_a_command_is_copied_as_it_must_be_pasted(opened, address):
    visited = opened(address + "#L2.1", permissions=["clipboard-read", "clipboard-write"])
    command = visited.locator('[id="L2.1"] .command').first
    command.locator("button").click()

    assert visited.evaluate("navigator.clipboard.readText()") == (
        "pytest tests/lecture/test_L2.py::test_statement-8_0")
    assert "Copied" in command.inner_text()


@pytest.mark.parametrize("language, format, first", [
    pytest.param("en", "text", "L1.2 ✎ corrected notebook: Most parameters of VGG lie in its last fully connected "
                 "layers.\n→ The first fully connected layer holds 74.3 %; the last, 3.0 %.\n\nL1.3 ✗ refuted",
                 id="English text"),
    pytest.param("zh", "markdown", "- L1.2 ✎ 需修正 课程代码： VGG 的参数大多集中在最后的全连接层。\n"
                 "  - **第一个全连接层占 74.3 %，最后一个只占 3.0 %。**\n- L1.3", id="Chinese Markdown"),
])
def test_all_corrections_are_copied_at_once_in_one_language(opened, address, language, format, first):
    visited = opened(f"{address}?lang={language}", permissions=["clipboard-read", "clipboard-write"])
    visited.click(f"[data-copy={format}]")

    copied = visited.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(first) and copied.count("74.3") == 4
    visited.fill("#query", "L2.3")
    visited.click(f"[data-copy={format}]")
    assert visited.evaluate("navigator.clipboard.readText()").count("74.3") == 1    # of what the filters leave


def test_a_source_gets_its_colours_when_it_is_opened_and_says_the_same(opened, address):
    code = opened(address + "#L2.1").locator('[id="L2.1"] .code').first
    before = code.locator("code").text_content()
    code.locator("summary").click()
    parts = code.locator("code *")
    parts.first.wait_for()

    assert code.locator("code").text_content() == before == SOURCE
    assert parts.evaluate_all("all => all.slice(0, 7).map(one => [one.localName, one.textContent])") == [
        ["var", "@claim"], ["q", '"conv-3x3x3x4-is-108"'], ["var", "@pytest.mark.parametrize"], ["q", '"bias"'],
        ["b", "False"], ["q", '"weights alone"'], ["b", "True"]]
    assert {name: code.locator(f"code {name}").first.text_content() for name in ("dfn", "em")} == {
        "dfn": "test_3x3x3x4_is_108", "em": '"""A 3x3 convolution from 3 to 4 channels holds 108 weights."""'}


def test_the_keyboard_alone_skips_opens_and_filters(opened, address):
    visited = opened(address)
    visited.keyboard.press("Tab")
    assert visited.locator(":focus").inner_text() == "Skip to the lecture"
    assert visited.locator(":focus").evaluate("it => getComputedStyle(it).outlineStyle") == "solid"

    visited.locator('[id="L1.1"] summary').first.focus()
    visited.keyboard.press("Enter")
    assert visited.locator('[id="L1.1"] .evidence').is_visible()
    visited.locator("#query").focus()
    visited.keyboard.type("L1.3")
    assert visited.locator(".statement:visible").count() == 1


def main_thread_seconds(browser, address):
    """Processor time of the page's main thread until it has loaded: other programs on this machine don't count."""
    visited = browser.new_page()
    inspector = visited.context.new_cdp_session(visited)
    inspector.send("Performance.enable", {"timeDomain": "threadTicks"})
    visited.goto(address)
    measured = inspector.send("Performance.getMetrics")["metrics"]
    visited.close()
    return {metric["name"]: metric["value"] for metric in measured}["TaskDuration"]


def test_a_thousand_claims_open_within_three_seconds(browser, tmp_path, drawn_once):
    path = page.write(sample(336, 4), tmp_path)

    assert 0.1 < main_thread_seconds(browser, path.as_uri()) < 3
    assert path.stat().st_size < 15_000_000


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_does_nothing(opened, tmp_path, text):
    visited = opened(page.write(everywhere(text), tmp_path).as_uri(), width=390)
    visited.click("#unfold")

    assert visited.title() == "The lecture and its evidence"
    assert visited.locator("script").count() == 1
    assert visited.evaluate("document.documentElement.scrollWidth") == 390
