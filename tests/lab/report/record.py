"""The evidence of a run, gathered test by test: the content of evidence.json (runs/schema.json)."""

import collections
import time
from contextlib import suppress

from lab.claims.collection import COLLECTED, COURSE, written
from lab.claims.evidence import plain
from lab.claims.outcomes import gravest
from lab.claims.traceability import UnreadableTests
from lab.report.runs.provenance import code, provenance
from lab.report.statements import described, judged, titled


class Record:
    """`tests`, {nodeid: test as evidence.json has it}, of the claims that have run so far."""

    def __init__(self, config):
        self.config, self.tests = config, {}
        self.costs = {}  # rows of the table of costs by nodeid
        self.data = {}  # data sets that a test read without an experiment, by sha256
        self._code = {}
        self._started, self._began = time.time(), time.monotonic()  # the wall clock may be set back during the run

    def begin(self):
        """Note the code as it is when the first test begins: a file may change during the run."""
        with suppress(UnreadableTests):  # a worker process that collects claims will refuse them
            self._code = code(self.config)

    def add(self, report):
        """Move a claim's evidence from pytest's report into the record, and return the test; None of other reports.

        The report keeps the statement and the outcome, for JUnit XML.
        """
        properties = collections.defaultdict(list)
        for name, value in report.user_properties:
            properties[name].append(value)
        for claims in properties["collected"]:
            self.config.stash[COLLECTED] |= claims
        nodeid, [told] = report.nodeid, properties["claim"] or [None]
        for row in properties["cost"]:
            self.costs[nodeid] = {"nodeid": nodeid, **plain(row)}
            report.user_properties = [one for one in report.user_properties if one[0] != "cost"]
        self.data |= {row["sha256"]: row for row in properties["data"]}
        if told:
            worst = gravest([self.tests.get(nodeid, told), told], lambda one: one["outcome"])
            self.tests[nodeid] = _test(
                nodeid,
                {**told, "outcome": worst["outcome"], "reason": worst["reason"]},
                duration=round(report.duration, 4),
                evidence=properties["measured"],
                figures=properties["figure"],
                experiment=(properties["experiment"] or [None])[-1],
                presets=properties["preset"],
            )
        if nodeid in self.tests and (told or report.when == "teardown"):
            seen = told or self.tests[nodeid]
            report.user_properties = [(name, seen[name]) for name in ("statement", "outcome")]
        return told and self.tests[nodeid]

    def add_died(self, nodeid, reason):
        """A claim whose process died is BROKEN, whatever its subtests told before."""
        if nodeid in self.config.stash[COLLECTED]:
            slug, told = self.config.stash[COLLECTED][nodeid]
            statement = self.config.stash[COURSE][slug].id
            self.tests[nodeid] = _test(nodeid, {"statement": statement, **told, "outcome": "BROKEN", "reason": reason})

    def evidence(self, complete):
        """Everything that the run found, as plain data."""
        course, tests = self.config.stash[COURSE], list(self.tests.values())
        functions = written(self.config)
        run = provenance(self.config, tests, self.data, self._started, time.monotonic() - self._began, self._code)
        return {
            "schema": 1,
            "run": {**run, "complete": complete},
            "sections": [titled(section) for section in course.sections],
            "statements": [
                self._statement(section, statement, functions.get(statement.slug, ()))
                for section in course.sections
                for statement in section.statements
            ],
            "tests": tests,
            **({"costs": list(self.costs.values())} if self.costs else {}),
        }

    def _statement(self, section, statement, functions):
        """functions: the tests that speak to it, {(path, name)}, selected or not."""
        tests = [test for test in self.tests.values() if test["statement"] == statement.id]
        collected = {nodeid for nodeid, (slug, _) in self.config.stash[COLLECTED].items() if slug == statement.slug}
        held = {f"{path.relative_to(self.config.rootpath).as_posix()}::{name}" for path, name in functions}
        ran = {test["nodeid"] for test in tests}
        unrun = collected - ran | held - {nodeid.split("[")[0] for nodeid in collected | ran}
        told = described(section, statement)
        return {
            **told,
            "verdict": judged(told, tests, bool(functions or collected), bool(unrun)),
            "tests": sorted(ran),
            "unrun": sorted(unrun),
        }


def _test(nodeid, told, duration=0, evidence=(), figures=(), experiment=None, presets=()):
    return {
        "nodeid": nodeid,
        **told,
        "duration_s": duration,
        "evidence": list(evidence),
        "figures": list(figures),
        "experiment": experiment,
        **({"presets": list(presets)} if presets else {}),
    }
