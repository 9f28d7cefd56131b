"""pytest plugin: gathers every claim's evidence, writes the page, prints the sections' table."""

import pytest

from lab.claims.collection import COLLECTED
from lab.data.datasets import DataError, download, folder_of, handwritten_digits
from lab.report import page
from lab.report.costs.columns import of_this_run
from lab.report.costs.console import cost_lines
from lab.report.figures import drawings
from lab.report.figures.drawings import Drawings
from lab.report.history import drawings_of, report_folder, with_earlier
from lab.report.record import Record
from lab.report.terminal import earlier, speaker, table


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
    """In the process that talks to the user: `result` is the run's evidence once it is written, `path` where."""

    def __init__(self, config):
        self.config, self.folder = config, report_folder(config)
        self.record, self.drawings = Record(config), Drawings(drawings.read(drawings_of(config)))
        self.result, self.path = {}, None
        self.finished = 0  # tests
        self.died = {}  # how, by nodeid, of tests whose worker process died

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
                raise pytest.UsageError(
                    f"--data-dir: there is no folder {str(folder)!r}: correct it, or leave it "
                    "out to run on embedded digits"
                )
            handwritten_digits(folder)
            self.record.begin()
        except (page.ReportError, DataError) as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        """Before the plugin that writes JUnit XML, which would keep all of the evidence."""
        if test := self.record.add(report):
            self.drawings.begin(test)

    def pytest_runtest_logfinish(self):
        """Count the tests that came to an end."""
        self.finished += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem, report):
        """A test whose worker process died has no report of its own."""
        self.died[crashitem] = f"{report.longrepr}; run it without -n to see why"

    def pytest_sessionfinish(self, session, exitstatus):
        """Write the page, also of a run that was interrupted: what has run is not lost, and the page says so."""
        for nodeid, reason in self.died.items():
            self.record.add_died(nodeid, reason)
        if self.record.tests or self.record.costs:
            ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
            stopped = session.shouldstop or session.shouldfail  # -x, --maxfail
            complete = ended and not stopped and self.finished + len(self.died) >= session.testscollected
            self.path = with_earlier(self.config, self.record.evidence(complete), self._write)
            if isinstance(self.path, page.ReportError) and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.INTERNAL_ERROR  # no test failed, yet the run did

    def _write(self, evidence, history):
        """The page's path, or the error that kept it from being written."""
        self.result = evidence
        try:
            path = page.write(evidence, self.folder, self.config.getoption("language"), self.drawings, history)
            drawings.keep(self.drawings, drawings_of(self.config))
            return path
        except page.ReportError as error:
            return error

    def pytest_terminal_summary(self, terminalreporter):
        """Sections by verdict, then where the report is."""
        if not self.result:
            return
        say = speaker(self.config)
        if terminalreporter.verbosity >= 0:
            terminalreporter.section(say("statements of the lecture by verdict"))
            for line in table(self.result, say):
                terminalreporter.write_line(line)
            if measured := of_this_run(self.result):
                terminalreporter.section(say("costs, measured in this run"))
                for line in cost_lines(measured, say):
                    terminalreporter.write_line(line)
        if isinstance(self.path, Exception):
            terminalreporter.write_line(say("no report: {why}", why=self.path), red=True)
        else:
            terminalreporter.write_line(say("report: {path}", path=self.path) + earlier(self.result, say))
