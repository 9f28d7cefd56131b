"""What changed between two runs: verdicts, outcomes, figures outside their interval, exact values, time, versions."""

import json
from pathlib import Path

from lab.report.files import ReportError

SLOWER = 2  # times as long, or as short, is worth a line
LEAST = 1.0  # seconds below which a duration is noise


def read(path):
    """Evidence from an evidence.json; raises ReportError where there is none or it is not one of ours."""
    path = Path(path)
    try:
        evidence = json.loads(path.read_text(encoding="utf-8"))
        if evidence["schema"] == 1:
            return evidence
        reason = f"schema {evidence['schema']}"
    except OSError as error:
        reason = error.strerror
    except (ValueError, KeyError, TypeError):
        reason = "not evidence that a run wrote"
    raise ReportError(f"{path} can't be read as evidence ({reason}): name the evidence.json of an earlier run.")


def compare(old, new):
    """The `comparison` of evidence.json, as plain data; an empty list means no change of that sort."""
    olds, news = ({test["nodeid"]: test for test in evidence["tests"]} for evidence in (old, new))
    shared = [(olds[nodeid], test) for nodeid, test in news.items() if nodeid in olds]
    was = {statement["id"]: statement["verdict"] for statement in old["statements"]}
    now = {statement["id"]: statement["verdict"] for statement in new["statements"]}
    return {
        "since": {name: old["run"][name] for name in ("started", "commit", "command")},
        "verdicts": [{"id": id, "was": was.get(id), "now": now.get(id)} for id in {**was, **now}
                     if was.get(id) != now.get(id)],
        "outcomes": _changes(shared, lambda test: test["outcome"]),
        "values": [change for pair in shared for change in _values(*pair)],
        "outside": [change for pair in shared for change in _outside(*pair)],
        "durations": [change for change in _changes(shared, lambda test: test["duration_s"]) if _notable(change)],
        "added": [nodeid for nodeid in news if nodeid not in olds],
        "removed": [nodeid for nodeid in olds if nodeid not in news],
        "versions": _versions(old["run"], new["run"]),
    }


def lines(comparison):
    """The comparison in sentences for the terminal."""
    since = comparison["since"]
    yield f"compared with the run of {since['started']} (commit {since['commit'] or 'unknown'})"
    for change in comparison["verdicts"]:
        yield f"{change['id']}: {change['was'] or 'absent'} -> {change['now'] or 'absent'}"
    for change in comparison["outcomes"]:
        yield f"{change['nodeid']}: {change['was']} -> {change['now']}"
    for change in comparison["outside"]:
        yield f"{change['nodeid']}: {change['what']} {change['was']} -> {change['now']}, outside {change['interval']}"
    for change in comparison["values"]:
        yield f"{change['nodeid']}: {change['what']} {change['was']} -> {change['now']}"
    for name, (before, after) in comparison["versions"].items():
        yield f"{name}: {before} -> {after}"
    for change in comparison["durations"]:
        yield f"{change['nodeid']}: {change['was']} s -> {change['now']} s"
    yield f"{len(comparison['added'])} tests more, {len(comparison['removed'])} tests fewer"


def _changes(shared, value):
    return [{"nodeid": new["nodeid"], "was": value(old), "now": value(new)}
            for old, new in shared if value(old) != value(new)]


def _values(old, new):
    """Measurements of a test without an experiment are exact: any change is worth knowing."""
    if old["experiment"] or new["experiment"] or {old["outcome"], new["outcome"]} & {"NOT RUN"}:
        return
    before = {row["what"]: row["value"] for row in old["evidence"]}
    for row in new["evidence"]:
        if row["what"] in before and before[row["what"]] != row["value"]:
            yield {"nodeid": new["nodeid"], "what": row["what"], "was": before[row["what"]], "now": row["value"]}


def _outside(old, new):
    """A mean that left the interval that the earlier run gave it."""
    if not (old["experiment"] and new["experiment"] and old["experiment"]["interval"]):
        return
    low, high = old["experiment"]["interval"]
    mean = new["experiment"]["mean"]
    if mean is None or (low is not None and mean < low) or (high is not None and mean > high):
        yield {"nodeid": new["nodeid"], "what": new["experiment"]["metric"], "was": old["experiment"]["mean"],
               "now": mean, "interval": [low, high]}


def _notable(change):
    fast, slow = sorted((change["was"], change["now"]))
    return slow >= LEAST and slow >= SLOWER * fast


def _versions(old, new):
    names = ("commit", "scale", "device", "threads", "cpu", "gpu", "python")
    before = {**{name: old[name] for name in names}, **old["packages"]}
    after = {**{name: new[name] for name in names}, **new["packages"]}
    return {name: [before.get(name), after.get(name)] for name in {**before, **after}
            if before.get(name) != after.get(name)}
