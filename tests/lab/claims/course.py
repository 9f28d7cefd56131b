"""The lecture as data: the sections and statements of course.toml, and the verdict on each."""

from dataclasses import dataclass, field
from pathlib import Path

from lab.claims.course_file import CourseError, tables_of
from lab.claims.course_rules import KINDS, ORIGINS, RECORDED, contradictions
from lab.claims.course_tasks import task_contradictions
from lab.claims.outcomes import FAILED

__all__ = [
    "KINDS",
    "ORIGINS",
    "RECORDED",
    "Course",
    "CourseError",
    "Hint",
    "Section",
    "Statement",
    "Task",
    "read",
    "verdict",
]


@dataclass(frozen=True)
class Statement:
    """One sentence of the lecture in both languages, and the verdict recorded for it."""

    id: str
    slug: str
    en: str
    zh: str
    kind: tuple[str, ...]
    recorded: str
    origin: str  # whose words: one of ORIGINS
    place: str = ""  # of the course's own words: "L7, sentence 2"
    correction: dict[str, str] = field(default_factory=dict)  # {"en", "zh"}: what the slide should say instead
    note: dict[str, str] = field(default_factory=dict)  # {"en", "zh"}: what to add to what is confirmed
    scope: dict[str, str] = field(default_factory=dict)  # {"en", "zh"}: what was trained, what that leaves open
    sources: tuple[str, ...] = ()
    published: bool = False  # the recorded verdict rests on the sources; this suite has never measured it
    explore: str = ""  # the explorable beside it: one of course_rules.EXPLORABLES
    was: tuple[str, ...] = ()  # former ids, to which links may still lead


@dataclass(frozen=True)
class Section:
    """A question of the lecture (L), an exercise (E), the cost (G) or the course's own results (R)."""

    id: str
    en: str
    zh: str
    finished: bool  # every statement has its tests: from then on a statement without one is an error
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Hint:
    """The sentence that names a misconception, to whoever holds it."""

    slug: str
    en: str
    zh: str


@dataclass(frozen=True)
class Task:
    """A function that students write, and what there is to say to those who get it wrong."""

    id: str
    adapter: str  # the function's name in adapters.py
    points: int
    statement: str  # slug of the statement that it is about
    visibility: str  # when students see its result: one of lab.claims.course_tasks.VISIBILITIES
    hints: tuple[Hint, ...]

    @property
    def mark(self):
        """The name by which `pytest -m` selects it."""
        return f"task_{self.id.replace('.', '_')}"


@dataclass(frozen=True)
class Course:
    """The whole lecture, in its order, and the tasks for students."""

    path: Path
    sections: tuple[Section, ...]
    tasks: tuple[Task, ...] = ()

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
    tables = tables_of(path, section=(Section, Statement), task=(Task, Hint))
    tasks = tuple(_task(*pair) for pair in tables["task"])
    course = Course(path, tuple(_section(*pair) for pair in tables["section"]), tasks)
    problems = [f"{path.name}: {problem}" for problem in (*contradictions(course), *task_contradictions(course))]
    if problems:
        raise CourseError("\n".join(problems))
    return course


def _section(table, rows):
    rows = tuple(
        Statement(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
        for row in rows
    )
    return Section(table["id"], table["en"], table["zh"], table["finished"], rows)


def _task(table, rows):
    entries = {key: value for key, value in table.items() if key != "hint"}
    return Task(**entries, hints=tuple(Hint(**row) for row in rows))


def verdict(statement, outcomes, functions, missing=False):
    """The word for a statement: its recorded verdict only when every test of it ran and went as it must.

    Where they did not run, it is "recorded" if records of earlier trials gave what they would have had to find, and
    "published" if it rests on sources alone.
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
        return "published" if statement.published else "not run"
    if "RECORDED" in outcomes:
        return "recorded"
    return statement.recorded
