"""Statements of course.toml as evidence.json has them, and evidence under the texts that course.toml has by now."""

from types import SimpleNamespace

from lab.claims.course import verdict
from lab.claims.outcomes import waited_for


def described(section, statement):
    """What a statement says, as plain data; what tests found of it comes on top."""
    return {
        "id": statement.id,
        "was": list(statement.was),
        "slug": statement.slug,
        "section": section.id,
        "en": statement.en,
        "zh": statement.zh,
        "origin": statement.origin,
        "place": statement.place,
        "kind": list(statement.kind),
        "recorded": statement.recorded,
        "published": statement.published,
        "correction": statement.correction,
        "note": statement.note,
        "scope": statement.scope,
        "explore": statement.explore,
        "sources": list(statement.sources),
    }


def titled(section):
    """A section as plain data."""
    return {"id": section.id, "en": section.en, "zh": section.zh, "finished": section.finished}


def refreshed(evidence, course):
    """The evidence under the texts and recorded verdicts of the course: found by slug, each statement is judged anew.

    What the course lacks by now goes, with its tests; what is new in it has none.
    """
    before = {one["slug"]: one for one in evidence["statements"]}
    slugs = {one["id"]: one["slug"] for one in evidence["statements"]}
    ids = {statement.slug: statement.id for statement in course.statements}
    tests = [
        {**test, "statement": ids[slugs[test["statement"]]]}
        for test in evidence["tests"]
        if slugs[test["statement"]] in ids
    ]
    same = len(tests) == len(evidence["tests"]) and set(slugs) == set(ids.values())  # else it names what is gone
    return {
        **{name: value for name, value in evidence.items() if same or name != "comparison"},
        "sections": [titled(section) for section in course.sections],
        "statements": [
            _renewed(described(section, statement), before.get(statement.slug, {}), tests)
            for section in course.sections
            for statement in section.statements
        ],
        "tests": tests,
    }


def judged(statement, tests, tested, missing):
    """The verdict of a statement of evidence.json, by those of `tests` that speak to it and that it waits for.

    tested, missing: whether it has a claim, and whether some of its tests were left out.
    """
    mine = [test for test in tests if test["statement"] == statement["id"]]
    recorded = SimpleNamespace(recorded=statement["recorded"], published=statement["published"])
    return verdict(recorded, [test["outcome"] for test in waited_for(mine)], tested, missing)


def _renewed(described, before, tests):
    tested = before.get("verdict") not in (None, "not yet tested")
    found = {name: before[name] for name in ("tests", "unrun", "stale") if name in before}
    word = judged(described, tests, tested, missing=bool(before.get("unrun")))
    return {"tests": [], **described, "verdict": word, **found}
