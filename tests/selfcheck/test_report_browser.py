"""The page in a real browser: quiet, accessible, bilingual, projectable, printable, and readable without script."""

import json
import re
import shutil
import subprocess
import time
from functools import cache

import pytest

from lab.report import page, plots
from selfcheck.report_samples import HOSTILE, sample

playwright = pytest.importorskip("playwright.sync_api", reason="NOT RUN: pip install playwright")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not path:
        pytest.skip("NOT RUN: no browser; apt-get install chromium fonts-noto-cjk")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return page.write(sample(16, 1), tmp_path_factory.mktemp("report")).as_uri()


@pytest.fixture
def opened(browser):
    """opened(address, **context) gives a page; what it complained about or asked the network for must stay empty."""
    complaints, contexts = [], []

    def visit(address, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        visited = context.new_page()
        visited.on("console", lambda message: complaints.append(message.text))
        visited.on("pageerror", lambda error: complaints.append(str(error)))
        visited.on("request", lambda request: complaints.append(request.url)
                   if not request.url.startswith(("file:", "data:")) else None)
        visited.goto(address)
        return visited

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def shown(visited, language):
    return visited.locator(f'.masthead h1 [lang="{language}"]').is_visible()


@pytest.mark.parametrize("width", [1280, 390], ids="{}px".format)
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_no_violation(opened, address, language, colours, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="NOT RUN: pip install axe-playwright-python")
    visited = opened(f"{address}?lang={language}", width=width, color_scheme=colours)
    visited.click("#unfold")

    found = axe.Axe().run(visited).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


def test_the_language_switches_in_place_and_stays_in_the_address(opened, address):
    visited = opened(address)
    assert shown(visited, "en") and not shown(visited, "zh")

    visited.check("#lang-zh")
    assert shown(visited, "zh") and not shown(visited, "en")
    assert visited.evaluate("document.documentElement.lang") == "zh"
    visited.reload()
    assert shown(visited, "zh")


def test_the_browser_chooses_the_language_where_the_run_did_not(opened, tmp_path):
    address = page.write(sample(4, 1), tmp_path, "auto").as_uri()

    assert shown(opened(address, locale="zh-CN"), "zh")
    assert shown(opened(address, locale="de-DE"), "en")


def test_without_script_everything_reads_and_the_language_switches(opened, address):
    visited = opened(address, java_script_enabled=False)
    text = visited.inner_text("body")

    assert "What the lecture should change" in text and "Most parameters of VGG" in text and "中文" in text
    assert visited.locator(".scripted:visible").count() == 0
    visited.check("#lang-zh")
    assert shown(visited, "zh") and not shown(visited, "en")


def test_nothing_is_wider_than_a_phone(opened, address):
    visited = opened(address, width=390)
    visited.click("#unfold")

    assert visited.evaluate("document.documentElement.scrollWidth") == 390


def test_search_and_filters_narrow_the_statements(opened, address):
    visited = opened(address)
    visited.fill("#query", "L1.2 vgg")
    assert visited.locator(".statement:visible").count() == 1

    visited.fill("#query", "")
    visited.click(".filters summary")
    visited.check('[name=verdict][value="refuted"]')
    assert visited.locator(".statement:visible").count() == 2
    assert visited.inner_text("#found").startswith("2 of 16")
    visited.click("[type=reset]")
    visited.locator(".statement").nth(15).wait_for(state="visible")


def test_a_deep_link_opens_its_statement(opened, address):
    visited = opened(address + "#L2.1")

    assert visited.locator('[id="L2.1"] details').first.get_attribute("open") is not None
    assert visited.locator('[id="L2.1"]').evaluate("it => Math.abs(it.getBoundingClientRect().top) < 100")


def test_projecting_predicts_then_reveals(opened, address):
    visited = opened(address)
    visited.click("#project")
    visited.keyboard.press("ArrowRight")
    assert visited.locator(".statement:visible").count() == 1
    assert not visited.locator(".now .v, .now .correction").first.is_visible()

    visited.keyboard.press("3")
    assert "refuted" in visited.inner_text("#projector .heard")
    visited.keyboard.press("Space")
    assert visited.locator(".statement.now .correction").is_visible()
    visited.keyboard.press("Escape")
    assert visited.locator(".statement:visible").count() == 16


def timed(task):
    """Seconds that a call takes."""
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def test_a_thousand_claims_open_within_three_seconds(opened, tmp_path, monkeypatch):
    draw = plots.draw
    once = cache(lambda figure: draw(json.loads(figure)))  # drawing is not what is timed here
    monkeypatch.setattr("lab.report.view.plots.draw", lambda figure, name: once(json.dumps(figure)))
    path = page.write(sample(336, 4), tmp_path)
    fastest = min(timed(lambda: opened(path.as_uri())) for _ in range(3))  # others may be using this machine

    assert fastest < 3
    assert path.stat().st_size < 15_000_000


def printed(visited, sheet, folder):
    """The text of each page of a printed sheet."""
    if not shutil.which("pdftotext"):
        pytest.skip("NOT RUN: no pdftotext; apt-get install poppler-utils")
    visited.check(f"#sheet-{sheet}")
    visited.pdf(path=folder / "sheet.pdf", prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", folder / "sheet.pdf", "-"], capture_output=True, check=True).stdout
    return text.decode().split("\f")[:-1]


def test_the_student_sheet_has_statements_and_no_verdict(opened, address, tmp_path):
    pages = printed(opened(address), "student", tmp_path)
    text = " ".join(pages)

    assert text.count("Most parameters of VGG") == 16
    assert "74.3" not in text and "Provenance" not in text
    assert all(re.search(rf"\b{number} ?/ ?{len(pages)}\b", one) for number, one in enumerate(pages, 1))


def test_the_instructor_sheet_has_evidence_and_page_numbers(opened, address, tmp_path):
    pages = printed(opened(address), "instructor", tmp_path)
    text = " ".join(pages)

    assert "weights without biases" in text and "Provenance" in text and "four biases come on top" in text
    assert "201,326,592" in text  # a label inside a figure
    assert all(re.search(rf"\b{number} ?/ ?{len(pages)}\b", one) for number, one in enumerate(pages, 1))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_does_nothing(opened, tmp_path, text):
    visited = opened(page.write(sample(8, 1, text=text), tmp_path).as_uri(), width=390)
    visited.click("#unfold")

    assert visited.title() == "The lecture and its evidence"
    assert visited.locator("script").count() == 1
    assert visited.evaluate("document.documentElement.scrollWidth") == 390
