"""A new statement: its entry in course.toml, whose comments stay, and its test's skeleton in the section's file."""

import json
import re
import tempfile
from collections import Counter
from pathlib import Path

from lab.claims.course import CourseError, read
from lab.claims.course_file import HEAD
from lab.claims.traceability import claims_in

LISTS = {"kind": ",", "sources": ";"}  # entries that are lists, and what stands between their parts
DEFAULTS = {"origin": "ours", "recorded": "confirmed"}
ORDER = ("id", "slug", "en", "zh", "origin", "place", "kind", "recorded")  # then all others, as they are given
LONGEST_SLUG = 6  # words
SILENT = {"a", "an", "the", "of", "in", "is", "are", "its", "it", "to", "and", "that", "per", "with", "on", "by", "for"}
IMPORTS = "import pytest\nfrom lab.claims import claim, counterexample\n"
EXACT = '''

@claim("{slug}")
@pytest.mark.parametrize("size", [
    pytest.param(3, id="a case that must hold"),
    pytest.param(5, id="a near-miss", marks=counterexample("why the same check must reject it")),
])
def {name}(size, evidence):
    """{en}"""
    measured = NotImplemented  # what an instrument of tests/lab says of it
    evidence.measured("what is measured", measured, expected=size, unit="")

    assert measured == size
'''
TRAINED = '''

@claim("{slug}")
@pytest.mark.parametrize("better, worse", [
    pytest.param(None, None, id="a case that must hold"),
    pytest.param(None, None, id="a near-miss", marks=counterexample("why the same check must reject it")),
])
def {name}(better, worse, laboratory, evidence):
    """{en}"""
    gain = laboratory.compare({{better: 1, worse: -1}}, "test accuracy", margin=1.0)  # arms: see lab.experiments.Arm
    evidence.experiment(gain)

    assert gain.verdict == "confirmed"
'''


def needed(asked):
    """Names of the entries that a new statement still needs, of those that nobody can guess."""
    scope = ("scope.en", "scope.zh") if "trained" in asked.get("kind", "") else ()
    return [name for name in ("section", "en", "zh", "kind", *scope) if not asked.get(name)]


def written(course, asked):
    """({path: text} of the two files to write, {path: line of what is new}, name of the test).

    asked: {entry: text}, with the section's id and all that `needed` names. Raises CourseError where course.toml would
    contradict itself.
    """
    section = next((one for one in course.sections if one.id == asked["section"]), None)
    if section is None:
        known = ", ".join(one.id for one in course.sections)
        raise CourseError(f"{course.path.name} has no section {asked['section']!r}: use one of {known}.")
    entries = {"id": _next_id(section), "slug": _slug(asked["en"]), **DEFAULTS, **asked}
    text, line = _with_entry(course.path.read_text(encoding="utf-8"), course.sections.index(section), entries)
    _check(course.path.name, text)
    path, source = _file(course, section, entries["slug"])
    name = _name(entries["slug"], source)
    skeleton = TRAINED if "trained" in entries["kind"] else EXACT
    added = skeleton.format(slug=entries["slug"], name=name, en=_docstring(entries["en"]))
    lines = {course.path: line, path: source.count("\n") + 3}
    return {course.path: text, path: source + added}, lines, name


def _docstring(text):
    return text.replace("\\", "\\\\").replace('"', "'")


def _next_id(section):
    numbered = [found.groups() for one in section.statements if (found := re.fullmatch(r"(.*?)(\d+)", one.id))]
    before, number = max(numbered, key=lambda parts: int(parts[1]), default=(f"{section.id}.", 0))
    return f"{before}{int(number) + 1}"


def _slug(sentence):
    words = [word for word in re.findall(r"[a-z0-9]+", sentence.lower()) if word not in SILENT]
    return "-".join(words[:LONGEST_SLUG])


def _with_entry(text, place, entries):
    """(text, line) with the entry after the last statement of the section with this place among them.

    Comments that stand above the next section stay there.
    """
    lines = text.splitlines()
    heads = [(number, head[1]) for number, line in enumerate(lines) if (head := HEAD.match(line)) and not head[2]]
    begin = [number for number, table in heads if table == "section"][place]
    end = next((number for number, _ in heads if number > begin), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    names = [name for name in ORDER if name in entries]
    names += [name for name in entries if name not in {*ORDER, "section"}]
    entry = ["", "[[section.statement]]", *(f"{name} = {_toml(name, entries[name])}" for name in names)]
    return "\n".join([*lines[:end], *entry, *lines[end:]]) + "\n", end + 2


def _toml(name, text):
    if name in LISTS:
        return json.dumps([part.strip() for part in text.split(LISTS[name])], ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)  # TOML's basic strings escape as JSON does


def _check(name, text):
    """Raises CourseError where the lecture would not be read so."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        read(path)


def _file(course, section, slug):
    """(path, text) of the file that has most of the section's claims; else of a new one beside the others."""
    claims = claims_in(course.path.parent)
    places = [path for one in section.statements for path, _ in claims.get(one.slug, ())]
    for path, _ in Counter(places).most_common():
        if all(re.search(line, path.read_text(encoding="utf-8"), re.MULTILINE) for line in IMPORTS.splitlines()):
            return path, path.read_text(encoding="utf-8").rstrip() + "\n"
    folder = places[0].parent if places else course.path.parent
    return folder / f"test_{slug.replace('-', '_')}.py", IMPORTS


def _name(slug, source):
    name = f"test_{slug.replace('-', '_')}"
    return name if f"def {name}(" not in source else f"{name}_too"
