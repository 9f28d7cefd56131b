"""What may not be so in a lecture: words that there aren't, and entries in wrong company, each with its remedy."""

import re
from itertools import count

KINDS = {"exact", "trained", "record", "cifar", "gpu", "context"}
RECORDED = {"confirmed", "corrected", "refuted", "context"}
ORIGINS = ("notes", "notebook", "paper", "ours")
EXPLORABLES = ("counter", "reduction", "receptive-field", "shapes", "shuffled-pixels")  # what a reader can move
PLACED = {"notes", "notebook"}  # the course's own words, in which a reader looks a sentence up
PLACE = re.compile(r"(\S.*), sentence ([1-9]\d*)")


def contradictions(course):
    """Sentences about what can't be so, each with its remedy: the sections' first, then statement by statement."""
    sections = [section.id for section in course.sections]
    for section in _doubles(sections):
        yield f"section {section} stands twice; make the two one, or give one a new id."
    seen = set(sections)
    for statement in course.statements:
        for name in _doubles((statement.id, statement.slug), seen):
            yield f"{name} stands twice; ids and slugs are unique, so rename one."
        for rule in (_wrong_words, _wrong_origin, _wrong_company, _wrong_texts):
            yield from rule(statement)
    for statement in course.statements:
        for name in _doubles(statement.was, seen):
            yield f"{statement.id} was {name}, which stands elsewhere as well; an old id leads to one statement."
    yield from _gaps(course.statements)


def _doubles(names, seen=None):
    """Those of `names` that stand before, among them or in the set `seen`, to which they are added."""
    seen = set() if seen is None else seen
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def _wrong_words(statement):
    """A kind, a verdict, an origin or an explorable that there isn't."""
    if not statement.kind or not set(statement.kind) <= KINDS:
        yield f"{statement.id} has kind {list(statement.kind)}; use some of {', '.join(sorted(KINDS))}."
    if statement.recorded not in RECORDED:
        yield f"{statement.id} records {statement.recorded!r}; use one of {', '.join(sorted(RECORDED))}."
    if statement.origin not in ORIGINS:
        yield f"{statement.id} has origin {statement.origin!r}; use one of {', '.join(ORIGINS)}."
    if statement.explore and statement.explore not in EXPLORABLES:
        yield f"{statement.id} has explore {statement.explore!r}; use one of {', '.join(EXPLORABLES)}, or leave it out."


def _wrong_origin(statement):
    """An origin in which the statement can't be looked up."""
    if statement.origin in PLACED and not PLACE.fullmatch(statement.place):
        yield (
            f"{statement.id} has origin {statement.origin!r} and place {statement.place!r}; write where it stands, "
            'as in place = "L7, sentence 2".'
        )
    if statement.origin not in PLACED and statement.place:
        yield (
            f"{statement.id} has a place, {statement.place!r}, and origin {statement.origin!r}; only statements of "
            f"{' and '.join(sorted(PLACED))} have one, so correct the origin or take the place away."
        )
    if statement.origin == "paper" and not statement.sources:
        yield f"{statement.id} has origin 'paper' and no source; name the paper in sources."


def _wrong_company(statement):
    """A verdict without what has to come with it: a kind, a source, a correction; or with what can't."""
    if ("context" in statement.kind) != (statement.recorded == "context"):
        yield f"{statement.id} is context in kind or verdict only; a context statement says so in both."
    if statement.recorded == "context" and not statement.sources:
        yield f"{statement.id} is context without a source; name where it is published."
    if (statement.recorded in {"corrected", "refuted"}) != (set(statement.correction) == {"en", "zh"}):
        yield f"{statement.id}: corrected and refuted statements, and only those, carry correction.en and .zh."
    if statement.note and statement.recorded != "confirmed":
        yield (
            f"{statement.id} has a note, but is recorded as {statement.recorded}; a note adds to what is confirmed, "
            "so write it into the correction."
        )
    if statement.published and (statement.recorded == "context" or not statement.sources):
        yield (
            f"{statement.id} is published without a source or a test; name in sources what its verdict rests on, "
            "or take published away."
        )


def _wrong_texts(statement):
    """A note or a scope in one language, or no scope where nets are trained."""
    for name in ("note", "scope"):
        text = getattr(statement, name)
        if text and set(text) != {"en", "zh"}:
            yield f"{statement.id} has {name} in {' and '.join(sorted(text))} alone; write {name}.en and {name}.zh."
    if "trained" in statement.kind and not statement.scope:
        yield (
            f"{statement.id} is of kind trained without scope; write scope.en and scope.zh: what was trained, on "
            "what, and what that leaves open."
        )


def _gaps(statements):
    """Sentences of the course that have no statement, although later ones of the same question have."""
    numbers = {}
    for statement in statements:
        if found := PLACE.fullmatch(statement.place):
            numbers.setdefault((statement.origin, found[1]), set()).add(int(found[2]))
    for (origin, question), told in numbers.items():
        missing = next(number for number in count(1) if number not in told)
        if missing < max(told):
            yield (
                f"no statement speaks to {question}, sentence {missing}, of origin {origin}; add one, or number the "
                "sentences without a gap."
            )
