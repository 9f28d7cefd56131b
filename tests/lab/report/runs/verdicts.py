"""The verdicts of the last runs, in history.json beside the page: what each run came to itself, grouped by verdict."""

import json
import os
from itertools import groupby
from pathlib import Path

from lab.claims.outcomes import UNMEASURED
from lab.outside import unfit
from lab.report.files import ReportError
from lab.report.runs.fold import of_this_run

NAME = "history.json"
KEPT = 20  # runs
LARGEST = 1_000_000  # bytes of the file: some 50 times what twenty runs of the whole lecture write
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["started", "commit", "verdicts"],
        "properties": {
            "started": {"type": "string"},
            "commit": {"type": "string"},
            "verdicts": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        },
    },
}


def read(folder):
    """[{"started", "commit", "verdicts": {verdict: [statement's id]}}] of the last runs, the oldest first.

    Empty where there is no file yet; raises ReportError where it is not one of ours.
    """
    import jsonschema  # a tenth of a second

    path = Path(folder) / NAME
    if not os.path.lexists(path):
        return []
    try:
        if why := unfit(path, LARGEST):
            raise ValueError(f"it {why}")
        history = json.loads(path.read_bytes())
        jsonschema.validate(history, SCHEMA)
        return history
    except OSError as error:
        reason = error.strerror
    except RecursionError:
        reason = "too deeply nested"
    except jsonschema.ValidationError as error:
        reason = error.message[:200]
    except ValueError as error:
        reason = str(error)[:200]
    raise ReportError(f"{path} can't be read as a history of verdicts ({reason}): restore it, or delete it.")


def with_run(history, page):
    """The history with the verdicts of the page's last run: of what it ran tests of, and what is not stale."""
    ran = {test["statement"] for test in of_this_run(page) if test["outcome"] not in UNMEASURED}
    verdicts = {}
    for statement in page["statements"]:
        if statement["id"] in ran and not statement.get("stale"):
            verdicts.setdefault(statement["verdict"], []).append(statement["id"])
    if not verdicts:
        return history
    run = {name: page["run"][name] for name in ("started", "commit")}
    return [*history, {**run, "verdicts": verdicts}][-KEPT:]


def turns(history):
    """[(start of the run, statement's id, verdict before, verdict then)] of all that changed, the latest first."""
    found = [
        (start, id, before[0], verdict)
        for id, told in spells(history).items()
        for (verdict, _, start), before in zip(told, told[1:])
    ]
    return sorted(found, reverse=True)


def spells(history):
    """{statement's id: [(verdict, number of runs, start of the first of them)]}, the latest first."""
    found = {}
    for run in history:
        for verdict, ids in run["verdicts"].items():
            for id in ids:
                found.setdefault(id, []).append((verdict, run["started"]))
    return {id: _spells(told) for id, told in found.items()}


def _spells(told):
    groups = ([*group] for _, group in groupby(told, lambda one: one[0]))
    return [(group[0][0], len(group), group[0][1]) for group in groups][::-1]
