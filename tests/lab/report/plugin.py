"""pytest plugin: gathers every claim's report into one evidence dict, writes the page, prints the sections' table."""

import collections
import itertools
import time

import pytest

from lab.claims.collection import COLLECTED, COURSE, written
from lab.claims.course import verdict
from lab.claims.outcomes import gravest
from lab.data.datasets import DataError, download, folder_of, handwritten_digits
from lab.report import page
from lab.report.figures.choice import drawings
from lab.report.history import report_folder, with_comparison
from lab.report.runs.provenance import provenance

VERDICTS = ["confirmed", "corrected", "refuted", "context", "not reproduced", "undecided", "not run", "not yet tested"]


def pytest_configure(config):
    """Only the process that talks to the user writes the report; xdist's workers send theirs here."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Sender(config))
    else:
        config.pluginmanager.register(Recorder(config), "recorder")


class Sender:
    """In a worker process: tells with the first report which claims exist, selected or not; the process may yet die."""

    def __init__(self, config):
        self.config, self.sent = config, False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        """Before xdist sends it."""
        if not self.sent:
            report.user_properties.append(("collected", self.config.stash[COLLECTED]))
            self.sent = True


class Recorder:
    """The run's evidence, test by test; `evidence()` is the content of evidence.json (schema 1)."""

    def __init__(self, config):
        self.config, self.tests, self.path = config, {}, None
        self.started, self.began = time.time(), time.monotonic()  # the clock on the wall may be set back meanwhile
        self.finished = 0   # tests
        self.died = {}      # nodeid of a test whose process died: how
        self.numbers = itertools.count(1)
        self.drawn = {}     # figures, while workers train: at the end, only this process would be busy
        self.folder = report_folder(config)

    def pytest_collection_finish(self, session):
        """Look at folder and data once there are claims to run."""
        if self.config.stash[COLLECTED] and not session.config.option.collectonly:
            self._check()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self):
        """With worker processes nothing is collected here."""
        self._check()

    def _check(self):
        """Refuse broken data or a report folder that can't be written before the first test, not after the last."""
        try:
            page.check_writable(self.folder)
            folder = self.config.getoption("data_dir")
            for name in ("mnist", "cifar10") if self.config.getoption("download") else ():
                download(name, folder)
            named = any(str(argument).startswith("--data-dir") for argument in self.config.invocation_params.args)
            if named and not folder_of(folder).exists():
                raise pytest.UsageError(f"--data-dir: there is no folder {str(folder)!r}: correct it, or leave it "
                                        "out to run on embedded digits")
            handwritten_digits(folder)
        except (page.ReportError, DataError) as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        """Move a claim's evidence from the report into the record; JUnit XML keeps the statement and the outcome."""
        properties = collections.defaultdict(list)
        for name, value in report.user_properties:
            properties[name].append(value)
        for claims in properties["collected"]:
            self.config.stash[COLLECTED] |= claims
        if properties["claim"]:
            [told] = properties["claim"]
            worst = gravest([self.tests.get(report.nodeid, told), told], lambda one: one["outcome"])
            self.tests[report.nodeid] = {
                "nodeid": report.nodeid, **told, "outcome": worst["outcome"], "reason": worst["reason"],
                "duration_s": round(report.duration, 4), "evidence": properties["measured"],
                "figures": properties["figure"], "experiment": (properties["experiment"] or [None])[-1],
            }
            self.drawn |= drawings(self.tests[report.nodeid], next(self.numbers))
        if report.nodeid in self.tests and (properties["claim"] or report.when == "teardown"):
            seen = told if properties["claim"] else self.tests[report.nodeid]
            report.user_properties = [(name, seen[name]) for name in ("statement", "outcome")]

    def pytest_runtest_logfinish(self):
        """Count the tests that came to an end."""
        self.finished += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem, report):
        """A test whose worker process died has no report of its own."""
        self.died[crashitem] = f"{report.longrepr}; run it without -n to see why"

    def _add_died(self):
        """A claim whose process died is BROKEN, whatever its subtests told before."""
        claims = self.config.stash[COLLECTED]
        for nodeid, reason in self.died.items():
            if nodeid in claims:
                slug, told = claims[nodeid]
                self.tests[nodeid] = {
                    "nodeid": nodeid, "statement": self.config.stash[COURSE][slug].id, **told, "outcome": "BROKEN",
                    "reason": reason, "duration_s": 0, "evidence": [], "figures": [], "experiment": None}

    def evidence(self, complete):
        """Everything that the run found, as plain data."""
        course, tests = self.config.stash[COURSE], list(self.tests.values())
        functions = written(self.config)
        run = provenance(self.config, tests, self.started, time.monotonic() - self.began)
        return {
            "schema": 1,
            "run": {**run, "complete": complete},
            "sections": [{"id": s.id, "en": s.en, "zh": s.zh, "finished": s.finished} for s in course.sections],
            "statements": [self._statement(section, statement, functions.get(statement.slug, ()))
                           for section in course.sections for statement in section.statements],
            "tests": tests,
        }

    def _statement(self, section, statement, functions):
        tests = [test for test in self.tests.values() if test["statement"] == statement.id]
        collected = {nodeid for nodeid, (slug, _) in self.config.stash[COLLECTED].items() if slug == statement.slug}
        held = {f"{path.relative_to(self.config.rootpath).as_posix()}::{name}" for path, name in functions}
        ran = {test["nodeid"] for test in tests}
        unrun = collected - ran | held - {nodeid.split("[")[0] for nodeid in collected | ran}
        word = verdict(statement, [test["outcome"] for test in tests], functions or collected, unrun)
        return {
            "id": statement.id, "slug": statement.slug, "section": section.id, "en": statement.en, "zh": statement.zh,
            "kind": list(statement.kind), "recorded": statement.recorded, "verdict": word, "ours": statement.ours,
            "correction": statement.correction, "sources": list(statement.sources), "tests": sorted(ran),
            "unrun": sorted(unrun),
        }

    def pytest_sessionfinish(self, session, exitstatus):
        """Write the page, also of a run that was interrupted: what has run is not lost, and the page says so."""
        self._add_died()
        if self.tests:
            ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
            stopped = session.shouldstop or session.shouldfail  # -x, --maxfail
            complete = ended and not stopped and self.finished + len(self.died) >= session.testscollected
            self.path = with_comparison(self.config, self.evidence(complete), self._write)
            if isinstance(self.path, page.ReportError) and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.INTERNAL_ERROR  # no test failed, yet the run did

    def _write(self, evidence):
        """The page's path, or the error that kept it from being written."""
        self.result = evidence
        try:
            return page.write(evidence, self.folder, self.config.getoption("language"), self.drawn)
        except page.ReportError as error:
            return error

    def pytest_terminal_summary(self, terminalreporter):
        """Sections by verdict, then where the report is."""
        if not self.tests:
            return
        counts = {section["id"]: collections.Counter() for section in self.result["sections"]}
        for statement in self.result["statements"]:
            counts[statement["section"]][statement["verdict"]] += 1
        shown = [word for word in VERDICTS if any(count[word] for count in counts.values())]
        widths = [max(len(word), 4) for word in shown]
        if terminalreporter.verbosity >= 0:
            terminalreporter.section("statements of the lecture by verdict")
            terminalreporter.write_line(" " * 44 + "  ".join(word.rjust(w) for word, w in zip(shown, widths)))
            for section in self.result["sections"]:
                cells = (str(counts[section["id"]][word] or "·").rjust(w) for word, w in zip(shown, widths))
                terminalreporter.write_line(f"{section['id']:3} {section['en'][:39]:40}" + "  ".join(cells))
        if isinstance(self.path, Exception):
            terminalreporter.write_line(f"no report: {self.path}", red=True)
        else:
            terminalreporter.write_line(f"report: {self.path}")
