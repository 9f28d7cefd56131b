"""A lecture of a few statements, to try the plugin on good and bad claims; a real browser; arms and their workers."""

import copy
import importlib
import json
import shutil
from functools import cache

import pytest

from lab.benchmarking.roofline import measured_peak
from lab.execution.processes import PRELOADED
from lab.execution.runner import Runner
from lab.experiments import Arm
from lab.report import page
from lab.report.figures import plots
from selfcheck.dask_cluster import cluster
from selfcheck.report_samples import sample
from selfcheck.sample_trials import noisy
from selfcheck.small_lecture import CLAIMS, write_lecture
from selfcheck.warm_runs import WarmRuns


@pytest.fixture(scope="session")
def imported():
    """pytester forgets what a run has imported: what takes long is imported before."""
    for name in PRELOADED:
        importlib.import_module(name)


@pytest.fixture
def lecture(imported, pytester):
    """`lecture(claims, finished, edit=(old, new))` writes a project, course.toml edited once; returns its pytester."""

    def write(claims=CLAIMS, finished=False, edit=("", "")):
        write_lecture(pytester.path, claims, finished, edit)
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
    monkeypatch.setattr(plots, "draw", lambda figure, name: once(json.dumps(figure)))


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


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """A page of 16 statements, two of each verdict, to open in the browser."""
    return page.write(sample(16, 1), tmp_path_factory.mktemp("report")).as_uri()


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


@pytest.fixture(scope="module")
def dask_address(tmp_path_factory):
    """The scheduler of a Dask cluster of two workers."""
    with cluster(tmp_path_factory.mktemp("dask")) as (address, _):
        yield address


@pytest.fixture(scope="session")
def runs():
    """Whole runs of pytest, which begin with all imports done."""
    warm = WarmRuns()
    yield warm
    warm.close()


@pytest.fixture
def small_peak(monkeypatch):
    """A peak of the CPU measured in a moment."""
    monkeypatch.setattr("lab.benchmarking.roofline.PRODUCT_SIDES", {"cpu": (256,)})
    measured_peak.cache_clear()
    yield
    measured_peak.cache_clear()
