"""A lecture of a few statements, to try the plugin on good and bad claims; a real browser; arms and their workers."""

import copy
import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from lab.experiments import Arm
from lab.report import plots
from lab.runner import Runner
from selfcheck.report_samples import sample
from selfcheck.sample_trials import noisy

ROOT = Path(__file__).resolve().parents[2]

COURSE = """
[[section]]
id = "S"
en = "Sums"
zh = "求和"
finished = {finished}
[[section.statement]]
id = "S1"
slug = "two-and-two"
en = "Two and two are four."
zh = "二加二得四。"
kind = ["exact"]
recorded = "confirmed"
[[section.statement]]
id = "S2"
slug = "two-and-three"
en = "Two and three are six."
zh = "二加三得六。"
kind = ["exact"]
recorded = "refuted"
correction = {{ en = "They are five.", zh = "得五。" }}
"""

CLAIMS = '''
import pytest
from lab.claims import claim, counterexample


@claim("two-and-two")
@pytest.mark.parametrize("b", [
    pytest.param(2, id="two"),
    pytest.param(3, id="three", marks=counterexample("two and three are five")),
])
def test_two_and_two(b, evidence):
    """Two and two are four."""
    evidence.measured("sum", 2 + b, expected=4)

    assert 2 + b == 4
'''


@pytest.fixture
def lecture(pytester):
    """`lecture(claims, finished, edit=(old, new))` writes a project, course.toml edited once; returns its pytester."""

    def write(claims=CLAIMS, finished=False, edit=("", "")):
        pytester.makeini("[pytest]\nstrict = true\n"
                         "addopts = --import-mode=importlib -p no:hypothesispytest -p no:anyio\n"
                         f"course = tests/course.toml\npythonpath = {ROOT / 'tests'}\nmarkers =\n  exact\n  trained\n  claim(slug)\n")
        pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
        tests = pytester.mkdir("tests")
        course = COURSE.format(finished=str(finished).lower()).replace(*edit, 1)
        (tests / "course.toml").write_text(course, encoding="utf-8")
        (tests / "test_sums.py").write_text(claims, encoding="utf-8")
        return pytester

    write.claims = CLAIMS
    return write


@pytest.fixture
def old():
    """Evidence of an earlier run."""
    return sample(8, 1)


@pytest.fixture
def new(old):
    """Evidence of a later run, as yet without a difference."""
    return copy.deepcopy(old)


@pytest.fixture
def drawn_once(monkeypatch):
    """Figures that are equal are drawn once, where a large page is wanted and not its drawing."""
    draw = plots.draw
    once = cache(lambda figure: draw(json.loads(figure)))
    monkeypatch.setattr("lab.report.view.plots.draw", lambda figure, name: once(json.dumps(figure)))


@pytest.fixture(scope="module")
def browser():
    """Debian's chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="NOT RUN: pip install playwright")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not path:
        pytest.skip("NOT RUN: no browser; apt-get install chromium fonts-noto-cjk")
    options = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"]
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


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


@pytest.fixture
def log(tmp_path):
    """The file in which the trials of selfcheck.sample_trials note their tries."""
    return str(tmp_path / "log")


@pytest.fixture
def arms(log):
    """Two arms that differ by 3 on every seed, but for noise of their own on the better one."""
    return Arm("good", noisy, mean=3.0, spread=1.5, log=log), Arm("poor", noisy, log=log)


@pytest.fixture(scope="module")
def pool():
    """A runner with two worker processes for the module."""
    runner = Runner(2, time_limit=60)
    yield runner
    runner.close()
