"""course.toml as tables: each entry that is missing, unknown or of another form is told with its line."""

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib
import re
import unicodedata
from dataclasses import MISSING, fields
from itertools import takewhile

from lab.errors import LabError

HEAD = re.compile(r"\s*\[\[\s*(section|task)\s*(\.\s*(statement|hint)\s*)?]]")
WITHIN = {"section": "statement", "task": "hint"}  # what stands in each of the tables at the top
FORMS = {  # of an entry, by its type: how it is written, and the texts in it (None where its form is another)
    str: ("a text in quotes", lambda value: _texts([value])),
    int: ("a whole number, without quotes", lambda value: [] if type(value) is int else None),
    bool: ("true or false, without quotes", lambda value: [] if isinstance(value, bool) else None),
    tuple[str, ...]: (
        'a list of texts in brackets, as in ["exact"]',
        lambda value: _texts(value) if isinstance(value, list) else None,
    ),
    dict[str, str]: (
        'texts in braces, as in { en = "...", zh = "..." }',
        lambda value: _texts(value.values()) if isinstance(value, dict) else None,
    ),
}
REMEDIES = {  # by how the reason of the TOML reader begins
    "Invalid value": "write a text in straight quotes, a list in brackets, true and false in small letters",
    "Cannot overwrite": "delete what stands twice; each [[section.statement]] stands below its [[section]]",
    "Cannot declare": "write [[section]] and [[section.statement]] with two brackets",
    "Unescaped": "write a text with a backslash in single quotes",
    "Illegal character": "write the quote that ends the text",
    "Unclosed array": "write a comma between two texts, and the bracket that ends the list",
}


class CourseError(LabError):
    """course.toml contradicts itself or the tests; each line of the message names a place and the remedy."""


def tables_of(path, section, task):
    """{"section": [(a section's table, its statements' tables)], "task": [(a task's table, its hints' tables)]}.

    section, task: the two dataclasses of each, whose types all entries have. Raises CourseError, with a sentence for
    each problem, where the file can't be read or an entry is not so.
    """
    text = _text(path)
    lines, lecture = text.splitlines(), _parsed(path, text)
    problems = [
        f"{path.name} has {name} outside the sections; write [[section]] above a section, and "
        "[[section.statement]] above a statement."
        for name in lecture
        if name not in WITHIN
    ]
    read = {"section": _nested(path, lecture, lines, "section", section, problems)}
    if not read["section"]:
        problems.append(f"{path.name} has no section; write its first below the line [[section]], with two brackets.")
    read["task"] = _nested(path, lecture, lines, "task", task, problems)
    if problems:
        raise CourseError("\n".join(problems))
    return read


def _nested(path, lecture, lines, outer, kinds, problems):
    """[(table, tables in it)] for each [[outer]]; what keeps them from being of these kinds is added to `problems`."""
    inner, read = WITHIN[outer], []
    heads = (number for number, line in enumerate(lines) if (found := HEAD.match(line)) and found[1] == outer)

    def check(kind, table, name):
        first = next(heads, None)
        for entry, problem in _misfits(kind, table):
            line = "" if first is None else f", line {_line_of(entry, first, lines)}"
            problems.append(f"{path.name}{line}: {name} {problem}.")

    for place, table in enumerate(_tables(lecture, outer), 1):
        parts = _tables(table, inner)
        name = _name(table, f"{outer} {place}")
        check(kinds[0], {key: value for key, value in table.items() if key != inner}, name)
        if not parts:
            problems.append(
                f"{path.name}: {name} has no {inner}; write its first below the line "
                f"[[{outer}.{inner}]], with two brackets."
            )
        for number, part in enumerate(parts, 1):
            check(kinds[1], part, _name(part, f"{inner} {number} of {name}"))
        read.append((table, parts))
    return read


def _text(path):
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} isn't UTF-8 text ({error.reason}): save it as UTF-8 in your editor.") from error
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror}): restore it.") from error


def _parsed(path, text):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        remedy = next((REMEDIES[start] for start in REMEDIES if reason.startswith(start)), "compare it with its like")
        raise CourseError(f"{path.name}, {place.rstrip(')')}: {reason}; {remedy}.") from error


def _tables(table, key):
    """The tables [[key]] of a table; none where there is something else."""
    rows = table.get(key)
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else []


def _name(table, otherwise):
    return next((table[key] for key in ("id", "slug") if isinstance(table.get(key), str) and table[key]), otherwise)


def _misfits(kind, table):
    """(entry, what is wrong with it) for all that keeps a table from being a `kind`, one of the dataclasses."""
    entries = {entry.name: entry for entry in fields(kind) if entry.type in FORMS}
    for name, entry in entries.items():
        form, texts_of = FORMS[entry.type]
        if name not in table:
            if entry.default is MISSING and entry.default_factory is MISSING:
                yield name, f"lacks {name}; add {name} = ..., {form}"
            continue
        texts = texts_of(table[name])
        if texts is None:
            yield name, f"has {name} = {table[name]!r}; write {form}"
            continue
        if not all(text.strip() for text in texts):
            yield name, f"has an empty text in {name}; write it"
        for odd in sorted({letter for text in texts for letter in text if unicodedata.category(letter) == "Cc"}):
            yield (
                name,
                (
                    f"has a control character, {odd!r}, in {name}; write a text with a backslash in single "
                    "quotes, and neither tab nor line break in it"
                ),
            )
    for name in [name for name in table if name not in entries]:
        yield name, f"has an unknown entry, {name}; use some of {', '.join(entries)}"


def _texts(values):
    return list(values) if all(isinstance(value, str) for value in values) else None


def _line_of(entry, first, lines):
    """Number of the line with an entry of the table whose head is lines[first]; the head's where there is none."""
    below = takewhile(lambda numbered: not HEAD.match(numbered[1]), enumerate(lines[first + 1 :], first + 2))
    return next((number for number, line in below if re.match(rf"\s*{re.escape(entry)}\s*[.=]", line)), first + 1)
