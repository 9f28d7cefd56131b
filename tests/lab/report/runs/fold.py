"""A run of a part added to the page: its tests are renewed, the others stay, each with the run that it comes from."""

from lab.claims.outcomes import UNMEASURED
from lab.report.figures.shown import split
from lab.report.language.numbers import moment
from lab.report.runs.machines import differences, machine
from lab.report.statements import judged

HANDWRITTEN = "digits", "mnist"  # data sets that stand in for each other
STALE = "code", "data", "machine"  # what may differ between the run that a test comes from and the last
AUDITS = "--null-arms", "--untrained-arms"  # what runs with these find says nothing about the lecture


def fold(page, run):
    """Evidence of `run`, with the tests of `page` that it left out or could not run.

    page: evidence of a run, or of several that were merged or folded. The result has `runs`, of which the last is
    `run`; each test has the index of its run, and as `stale` what differs there: code, data, machine. So has each row
    of the table of costs, of which those stay that the run did not measure. Nothing is added where one of the two was
    an audit.
    """
    if any(audit in one["run"].get("repeat", "") for one in (page, run) for audit in AUDITS):
        return run
    earlier = page.get("runs") or [_named(page)]
    kept = [_kept(test, earlier, run) for test in _lasting(page, run)]
    measured = {row["nodeid"] for row in run.get("costs", ())}
    costs = [_kept(row, earlier, run) for row in page.get("costs", ()) if row["nodeid"] not in measured]
    if not kept and not costs:
        return run
    before = {one["id"]: one for one in page["statements"]}
    used = sorted({one["run"] for one in (*kept, *costs)})
    outdone = {test["nodeid"] for test in kept}  # what the run could not do, and an earlier one could
    tests = [{**test, "run": len(used)} for test in run["tests"] if test["nodeid"] not in outdone]
    tests += [{**test, "run": used.index(test["run"])} for test in kept]
    rows = [{**row, "run": len(used)} for row in run.get("costs", ())]
    rows += [{**row, "run": used.index(row["run"])} for row in costs]
    return {
        **run,
        "runs": [*(earlier[index] for index in used), _named(run)],
        "statements": [_statement(one, before.get(one["id"], {}), tests) for one in run["statements"]],
        "tests": tests,
        **({"costs": rows} if rows else {}),
    }


def of_this_run(evidence):
    """The tests of a page that its last run ran itself."""
    last = len(evidence.get("runs", ())) - 1
    return [test for test in evidence["tests"] if test.get("run", last) == last]


def folded(evidence):
    """Were runs of this page added one after the other? On a merged page they stand side by side.

    Then all that earlier runs found says what is stale of it; of what merged pages held, some may say so too.
    """
    last = len(evidence.get("runs", ())) - 1
    earlier = [one for one in (*evidence["tests"], *evidence.get("costs", ())) if one.get("run", last) != last]
    return bool(earlier) and all("stale" in one for one in earlier)


def _named(evidence):
    run = evidence["run"]
    return {**run, "name": moment(run["started"]), "machine": machine(evidence)}


def _lasting(page, run):
    """Tests of the page that the run left out or could not run, with the ids that their statements have by now."""
    left = {nodeid: statement["id"] for statement in run["statements"] for nodeid in statement["unrun"]}
    could_not = {test["nodeid"]: test["statement"] for test in run["tests"] if test["outcome"] in UNMEASURED}
    for test in page["tests"]:
        nodeid, tried = test["nodeid"], could_not if test["outcome"] not in UNMEASURED else {}
        statement = left.get(nodeid) or left.get(split(nodeid)[0]) or tried.get(nodeid)
        if statement:
            yield {**test, "statement": statement}


def _kept(test, runs, now):
    index = test.get("run", len(runs) - 1)
    return {**test, "run": index, "stale": _stale(test, runs[index], now)}


def _stale(test, then, now):
    """What differs between the run that a test comes from and the run now: words of code, data, machine."""
    data, data_now = _data(then), _data(now["run"])
    differing = (
        _code(test, then) != _code(test, now["run"]) or not _code(test, then),
        any(data[name] != data_now[name] for name in data if name in data_now),
        bool(differences(then["machine"], machine(now))),
    )
    return [word for word, differs in zip(STALE, differing) if differs]


def _code(test, run):
    """Sums of the instruments and of the test's file; of a run that recorded none, its commit, if it was unchanged."""
    if run.get("code"):
        return [run["code"].get(name, "") for name in ("", test["nodeid"].split("::")[0])]
    return "" if run["commit"].endswith("+") else run["commit"]


def _data(run):
    """{name: checksums} of a run's data sets."""
    return {"handwritten" if one["name"].lower() in HANDWRITTEN else one["name"]: one["sha256"] for one in run["data"]}


def _statement(statement, before, tests):
    """A statement of the run, judged by all tests of the page; before: the same on the page as it was, or {}."""
    mine = [test for test in tests if test["statement"] == statement["id"]]
    ran = {name for test in mine for name in (test["nodeid"], split(test["nodeid"])[0])}
    left = {*statement["unrun"]}
    left |= {nodeid for nodeid in before.get("unrun", ()) if split(nodeid)[0] in left}  # of a file not collected
    unrun = sorted(left - ran)
    tested = statement["verdict"] != "not yet tested"
    stale = {word for test in mine for word in test.get("stale", ())}
    return {
        **statement,
        "verdict": judged(statement, tests, tested, missing=bool(unrun)),
        "tests": sorted(test["nodeid"] for test in mine),
        "unrun": unrun,
        "stale": [word for word in STALE if word in stale],
    }
