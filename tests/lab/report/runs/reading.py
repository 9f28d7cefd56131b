"""Evidence from a file of unknown origin: accepted where it fits the schema and its references resolve.

What is accepted here can be compared, merged and shown.
"""

import json
import math
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

from lab.outside import unfit
from lab.report.files import ReportError

LARGEST = 20_000_000  # bytes of an evidence.json: some ten times what a run of the whole lecture writes
DEEPEST = 20  # lists and tables within each other; evidence has ten
LONGEST = 200  # characters of a reason


def read(path):
    """Evidence from an evidence.json; raises ReportError where there is none or it is not one of ours."""
    path = Path(path)
    try:
        if why := unfit(path, LARGEST):
            raise ValueError(f"it {why}")
        evidence = json.loads(path.read_bytes(), parse_constant=_number, parse_float=_number)
        if why := _unlike_schema(evidence) or _unresolved(evidence):
            raise ValueError(why)
        return completed(evidence)
    except OSError as error:
        reason = error.strerror
    except RecursionError:
        reason = "too deeply nested"
    except ValueError as error:
        reason = str(error)
    raise ReportError(
        f"{path} can't be read as evidence ({_shortened(reason)}): name the evidence.json of an earlier run."
    )


def completed(evidence):
    """The evidence with what files of earlier versions lack: they told our statements from the course's, no more."""
    return {
        **evidence,
        "statements": [
            {
                "was": [],
                "origin": "ours" if one.get("ours") else "notes",
                "place": "",
                "published": False,
                "note": {},
                "scope": {},
                "explore": "",
                **{name: value for name, value in one.items() if name != "ours"},
            }
            for one in evidence["statements"]
        ],
    }


def _number(text):
    """A finite float: JSON has no others, but Python's reader takes NaN, Infinity and 1e999."""
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text} is no number that JSON can write")
    return value


def _shortened(reason):
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST // 2]} … {reason[-LONGEST // 2 :]}"


@cache
def _validator():
    import jsonschema  # a tenth of a second: only where a file is read

    schema = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    kind = jsonschema.Draft202012Validator
    whole = kind.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)  # 1.0 would be one, too
    return jsonschema.validators.extend(kind, type_checker=whole)(schema), jsonschema.exceptions.best_match


def _unlike_schema(evidence):
    """The error that best says where the evidence violates schema.json; "" where it fits."""
    if _too_deep(evidence, DEEPEST):
        return "too deeply nested"
    validator, best = _validator()
    error = best(validator.iter_errors(evidence))
    return f"{error.json_path}: {error.message}" if error else ""


def _too_deep(value, left):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left < 0 or any(_too_deep(one, left - 1) for one in inner)


def _unresolved(evidence):
    """The first duplicate or dangling reference, which JSON Schema can't express; "" where there is none."""
    sections, statements, tests = (
        [one[name] for one in evidence[part]]
        for part, name in (("sections", "id"), ("statements", "id"), ("tests", "nodeid"))
    )
    former = [name for one in evidence["statements"] for name in one.get("was", ())]
    for name, count in chain(*(Counter(names).items() for names in (sections, statements + former, tests))):
        if count > 1:
            return f"{name!r} is there {count} times"
    references = [(one["section"], sections, "section") for one in evidence["statements"]]
    references += [(test["statement"], statements, "statement") for test in evidence["tests"]]
    references += [(nodeid, tests, "test") for one in evidence["statements"] for nodeid in one["tests"]]
    references += [
        (test["run"], range(len(evidence.get("runs", ()))), "run") for test in evidence["tests"] if "run" in test
    ]
    references += [
        (row["run"], range(len(evidence.get("runs", ()))), "run") for row in evidence.get("costs", ()) if "run" in row
    ]
    known = {kind: set(names) for _, names, kind in references}
    return next((f"there is no {kind} {name!r}" for name, _, kind in references if name not in known[kind]), "")
