"""What changed between two runs: verdicts, outcomes, means outside their interval, exact values, time, versions.

Times of two machines can't be compared: where the machine changed, that is said first.
"""

import math

from lab.claims.outcomes import UNMEASURED
from lab.report.figures.shown import split
from lab.report.language.measures import trained
from lab.report.language.numbers import finite, number
from lab.report.runs.machines import differences, machine
from lab.report.terminal import english

SLOWER = 2  # times as long, or as short, is worth a line
LEAST = 1.0  # seconds below which a duration is noise
UNREACHED = {"published", "recorded", "not run", "not yet tested", None}  # no verdict: the run left the statement out


def compare(old, new):
    """The `comparison` of evidence.json, as plain data; an empty list means no change of that sort.

    What a run of a part left out is no difference: neither a changed verdict nor a test fewer.
    """
    olds, news = ({test["nodeid"]: test for test in evidence["tests"]} for evidence in (old, new))
    shared = [(olds[nodeid], test) for nodeid, test in news.items() if nodeid in olds]
    timed = {one["id"] for one in new["statements"] if "gpu" in one["kind"]}  # no two measurements of time are equal
    exact = [pair for pair in shared if pair[1]["statement"] not in timed]
    untrained = [pair for pair in shared if not trained(pair[1])]  # who trains what is a matter of chance
    added, removed = _beyond(new, old), _beyond(old, new)
    now = {statement["id"]: statement["verdict"] for statement in new["statements"]}
    successors = {former: one["id"] for one in new["statements"] for former in one.get("was", ())}
    before = {statement["id"]: statement["verdict"] for statement in old["statements"]}
    was = {
        **{successors[id]: verdict for id, verdict in before.items() if id in successors},
        **{id: verdict for id, verdict in before.items() if id not in successors},
    }
    partial = {test["statement"] for test, left in (*added, *removed) if left}  # one run left out some of its tests
    return {
        "since": {**{name: old["run"][name] for name in ("started", "commit", "command")}, "shared": len(shared)},
        "machines": differences(
            *(
                machine({**evidence, "tests": [pair[index] for pair in shared]})
                for index, evidence in enumerate((old, new))
            )
        ),
        "verdicts": [
            {"id": id, "was": was.get(id), "now": now.get(id)}
            for id in {**was, **now}
            if was.get(id) != now.get(id) and id not in partial
        ],
        "outcomes": _changes(shared, lambda test: test["outcome"]),
        "values": [change for pair in exact for change in _values(*pair)],
        "outside": [change for pair in shared for change in _outside(*pair)],
        "durations": [change for change in _changes(untrained, lambda test: test["duration_s"]) if _notable(change)],
        "added": [test["nodeid"] for test, left in added if not left],
        "removed": [test["nodeid"] for test, left in removed if not left],
        "versions": _versions(old["run"], new["run"]),
    }


def _beyond(one, other):
    """[(test, did the other run leave it out?)] of the tests that only `one` has.

    A run lists what it left out by nodeid, or, of a file that it did not collect, by function.
    """
    ran = {test["nodeid"] for test in other["tests"]}
    left = {nodeid for statement in other["statements"] for nodeid in statement.get("unrun", ())}
    return [
        (test, not left.isdisjoint((test["nodeid"], split(test["nodeid"])[0])))
        for test in one["tests"]
        if test["nodeid"] not in ran
    ]


def reached_twice(change):
    """Is this a change of a verdict that both runs came to?"""
    return not {change["was"], change["now"]} & UNREACHED


def lines(comparison, say=english):
    """The comparison in sentences for the terminal."""
    since, added, removed = comparison["since"], comparison["added"], comparison["removed"]
    commit = since["commit"] or say("unknown")
    yield say("compared with the run of {started} (commit {commit})", started=since["started"], commit=commit)
    if comparison["machines"]:
        differing = "; ".join(f"{name}: {was} -> {now}" for name, (was, now) in comparison["machines"].items())
        yield say(
            "WARNING: the two runs come from different machines, so times and rates don't compare ({differing})",
            differing=differing,
        )
    for change in comparison["verdicts"]:
        yield f"{change['id']}: {say(change['was'] or 'absent')} -> {say(change['now'] or 'absent')}"
    for change in comparison["outcomes"]:
        yield f"{change['nodeid']}: {say(change['was'])} -> {say(change['now'])}"
    for change in comparison["outside"]:
        yield _told(change, say) + say(", outside [{interval}]", interval=number(change["interval"]))
    for change in comparison["values"]:
        yield _told(change, say)
    for name, (before, after) in comparison["versions"].items():
        yield f"{name}: {before} -> {after}"
    for change in comparison["durations"]:
        yield f"{change['nodeid']}: {change['was']} s -> {change['now']} s"
    yield say(
        "{shared} tests ran in both, {more} tests more, {fewer} tests fewer",
        **{"shared": since["shared"], "more": len(added), "fewer": len(removed)},
    )


def _told(change, say):
    return f"{change['nodeid']}: {say(change['what'])} {number(change['was'])} -> {number(change['now'])}"


def _changes(shared, value):
    return [
        {"nodeid": new["nodeid"], "was": value(old), "now": value(new)}
        for old, new in shared
        if value(old) != value(new)
    ]


def _values(old, new):
    """Measurements of a test without an experiment are exact: any change is worth knowing."""
    if old["experiment"] or new["experiment"] or {old["outcome"], new["outcome"]} & UNMEASURED:
        return
    before = {row["what"]: row["value"] for row in old["evidence"]}
    for row in new["evidence"]:
        if row["what"] in before and before[row["what"]] != row["value"]:
            yield {"nodeid": new["nodeid"], "what": row["what"], "was": before[row["what"]], "now": row["value"]}


def _outside(old, new):
    """A mean that left the interval that the earlier run gave it."""
    if not (old["experiment"] and new["experiment"] and old["experiment"]["interval"]):
        return
    low, high = finite(old["experiment"]["interval"])
    (mean,) = finite([new["experiment"]["mean"]])
    if math.isnan(mean) or mean < low or mean > high:  # an end that is not finite excludes nothing
        yield {
            "nodeid": new["nodeid"],
            "what": new["experiment"]["metric"],
            "was": old["experiment"]["mean"],
            "now": new["experiment"]["mean"],
            "interval": old["experiment"]["interval"],
        }


def _notable(change):
    fast, slow = sorted((change["was"], change["now"]))
    return slow >= LEAST and slow >= SLOWER * fast


def _versions(old, new):
    names = ("commit", "scale", "device", "threads", "cpu", "gpu", "python")
    before = {**{name: old[name] for name in names}, **old["packages"]}
    after = {**{name: new[name] for name in names}, **new["packages"]}
    return {
        name: [before.get(name), after.get(name)] for name in {**before, **after} if before.get(name) != after.get(name)
    }
