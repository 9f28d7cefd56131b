"""One page from runs on several machines, such as a laptop and a GPU box; each claim keeps the run it comes from."""

import shlex

from lab.claims.outcomes import UNMEASURED, gravest
from lab.report.files import ReportError
from lab.report.runs.machines import machine
from lab.report.statements import judged


def merge(evidences, names=None, differing=False):
    """Evidence of several runs as one, with `runs` and, for each test, the index of its run.

    Raises ReportError where the runs come from different commits, or from unknown ones, unless `differing`.
    """
    names = names or [f"run {number}" for number in range(1, len(evidences) + 1)]
    commits = [evidence["run"]["commit"] for evidence in evidences]
    if not differing and not one_code(commits):
        told = ", ".join(f"{name}: {commit or 'unknown'}" for name, commit in zip(names, commits))
        raise ReportError(
            f"The runs tested different or unrecorded versions of the code ({told}): repeat one of them "
            "at the other's commit, or add --merge-anyway."
        )
    found = {}
    for index, evidence in enumerate(evidences):
        for test in evidence["tests"]:
            found.setdefault(test["nodeid"], []).append({**test, "run": index})
    tests = {nodeid: _one_of(versions) for nodeid, versions in found.items()}
    sections, statements = {}, {}
    for evidence in evidences:
        sections.update({one["id"]: one for one in evidence["sections"] if one["id"] not in sections})
        for one in evidence["statements"]:
            statements.setdefault(one["id"], []).append(one)
    return {
        "schema": 1,
        "run": _run([evidence["run"] for evidence in evidences], names),
        "runs": [
            {**evidence["run"], "name": name, "machine": machine(evidence)} for name, evidence in zip(names, evidences)
        ],
        "sections": list(sections.values()),
        "statements": [_statement(versions, tests) for versions in statements.values()],
        "tests": list(tests.values()),
        **({"costs": costs} if (costs := list(_costs(evidences))) else {}),
    }


def _costs(evidences):
    """The rows of all runs, each with the index of its run: the same row of two machines is to be compared."""
    for index, evidence in enumerate(evidences):
        for row in evidence.get("costs", ()):
            yield {**row, "run": index}


def _one_of(versions):
    """Of a test's runs, the gravest that ran it: no failure is hidden by what passed elsewhere, or was recorded."""
    ran = [test for test in versions if test["outcome"] not in UNMEASURED]
    answered = ran or [test for test in versions if test["outcome"] == "RECORDED"]
    return gravest(answered or versions, lambda test: test["outcome"])


def one_code(commits):
    """Do these runs come from one recorded version of the code? A commit that ends in + had changes."""
    return len(set(commits)) == 1 and bool(commits[0]) and not commits[0].endswith("+")


def _run(runs, names):
    """The merged page's head: what the runs share, and all that they used."""

    def told(field):
        return "; ".join(dict.fromkeys(str(run[field]) for run in runs if run[field]))

    return {
        **runs[0],
        "started": min(run["started"] for run in runs),
        "duration_s": sum(run["duration_s"] for run in runs),
        "complete": all(run["complete"] for run in runs),
        "command": "pytest --merge " + shlex.join(names),
        "commit": told("commit"),
        "device": told("device"),
        "cpu": told("cpu"),
        "gpu": told("gpu"),
        "data": list({str(data["sha256"]): data for run in runs for data in run["data"]}.values()),
    }


def _statement(versions, tests):
    """A statement with its merged tests, judged anew.

    A run lists as `unrun` what it left out; a statement is whole when another run made up for all of it. Runs that
    say "not run", "recorded" or "published" without a list stay so.
    """
    mine = [nodeid for nodeid, test in tests.items() if test["statement"] == versions[0]["id"]]
    left = {nodeid for one in versions for nodeid in one.get("unrun", ()) if not _ran(nodeid, mine)}
    silent = {"published", "recorded", "not run", "not yet tested"}
    whole = any(one["verdict"] not in silent or "unrun" in one for one in versions) and not left
    tested = any(one["verdict"] != "not yet tested" for one in versions)
    word = judged(versions[0], tests.values(), tested, missing=not whole)
    merged = {**versions[0], "verdict": word, "tests": sorted(mine)}
    return {**merged, "unrun": sorted(left)} if any("unrun" in one for one in versions) else merged


def _ran(nodeid, ran):
    """Is this test, or some case of this function, among those that ran?"""
    return any(one == nodeid or one.startswith(nodeid + "[") for one in ran)
