"""The lecture as data: the sections and statements of course.toml, and the verdict on each."""

from dataclasses import dataclass, field
from pathlib import Path

from lab.claims.course_file import CourseError, sections_of
from lab.claims.outcomes import FAILED

__all__ = ["KINDS", "RECORDED", "Course", "CourseError", "Section", "Statement", "read", "verdict"]

KINDS = {"exact", "trained", "record", "cifar", "gpu", "context"}
RECORDED = {"confirmed", "corrected", "refuted", "context"}


@dataclass(frozen=True)
class Statement:
    """One sentence of the lecture in both languages, and the verdict recorded for it."""

    id: str
    slug: str
    en: str
    zh: str
    kind: tuple[str, ...]
    recorded: str
    correction: dict[str, str] = field(default_factory=dict)  # {"en", "zh"}: what the slide should say instead
    sources: tuple[str, ...] = ()
    ours: bool = False  # added by us, not in the notes


@dataclass(frozen=True)
class Section:
    """A question of the lecture (L), an exercise (E), the cost (G) or the course's own results (R)."""

    id: str
    en: str
    zh: str
    finished: bool  # every statement has its tests: from then on a statement without one is an error
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Course:
    """The whole lecture, in its order."""

    path: Path
    sections: tuple[Section, ...]

    @property
    def statements(self):
        """Every statement of every section, in the lecture's order."""
        return [statement for section in self.sections for statement in section.statements]

    def __getitem__(self, slug):
        """The statement with this slug; raises CourseError for a slug that the lecture doesn't have."""
        for statement in self.statements:
            if statement.slug == slug:
                return statement
        raise CourseError(f"{self.path.name} has no statement {slug!r}: correct the slug or add the statement.")


def read(path):
    """Course from a TOML file; raises CourseError where the file is absent, malformed or contradicts itself."""
    path = Path(path)
    course = Course(path, tuple(_section(*tables) for tables in sections_of(path, Section, Statement)))
    problems = [f"{path.name}: {problem}" for problem in _contradictions(course)]
    if problems:
        raise CourseError("\n".join(problems))
    return course


def _section(table, rows):
    rows = tuple(Statement(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
                 for row in rows)
    return Section(table["id"], table["en"], table["zh"], table["finished"], rows)


def _contradictions(course):
    """Sentences about what can't be so, each with its remedy: the sections' first, then statement by statement."""
    sections = [section.id for section in course.sections]
    for section in _doubles(sections):
        yield f"section {section} stands twice; make the two one, or give one a new id."
    seen = set(sections)
    for statement in course.statements:
        for name in _doubles((statement.id, statement.slug), seen):
            yield f"{name} stands twice; ids and slugs are unique, so rename one."
        yield from _wrong_words(statement)
        yield from _wrong_company(statement)


def _doubles(names, seen=None):
    """Those of `names` that stand before, among them or in the set `seen`, to which they are added."""
    seen = set() if seen is None else seen
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def _wrong_words(statement):
    """A kind or a verdict that there isn't."""
    if not statement.kind or not set(statement.kind) <= KINDS:
        yield f"{statement.id} has kind {list(statement.kind)}; use some of {', '.join(sorted(KINDS))}."
    if statement.recorded not in RECORDED:
        yield f"{statement.id} records {statement.recorded!r}; use one of {', '.join(sorted(RECORDED))}."


def _wrong_company(statement):
    """A verdict without what has to come with it: a kind, a source, a correction."""
    if ("context" in statement.kind) != (statement.recorded == "context"):
        yield f"{statement.id} is context in kind or verdict only; a context statement says so in both."
    if statement.recorded == "context" and not statement.sources:
        yield f"{statement.id} is context without a source; name where it is published."
    corrected = set(statement.correction) == {"en", "zh"}
    if (statement.recorded in {"corrected", "refuted"}) != corrected:
        yield f"{statement.id}: corrected and refuted statements, and only those, carry correction.en and .zh."


def verdict(statement, outcomes, functions, missing=False):
    """The word for a statement: its recorded verdict only when every test of it ran and went as it must.

    outcomes: the outcome words of its tests; functions: its claim functions; missing: some of them did not run.
    """
    if statement.recorded == "context":
        return "context"
    if not functions:
        return "not yet tested"
    if FAILED & set(outcomes):
        return "not reproduced"
    if "UNDECIDED" in outcomes:
        return "undecided"
    if missing or not outcomes or "NOT RUN" in outcomes:
        return "not run"
    return statement.recorded
