"""What the terminal says, in the language that --language asks for."""

import collections
import unicodedata
from functools import partial

from lab.report.language.catalogue import translated
from lab.report.language.words import COUNTED
from lab.report.runs.fold import of_this_run


def speaker(config):
    """say(text, **values): the text in the language asked for, with the values in its {places}."""
    return partial(told, "zh" if config.getoption("language") == "zh" else "en")


def told(language, text, **values):
    """The text in this language, with the values in its {places}, as plain text."""
    text = translated(text, language)
    return text.format(**values) if values else text


english = partial(told, "en")


def earlier(evidence, say=english):
    """What of the page comes from earlier runs, to follow its path; "" where nothing does."""
    kept = len(evidence["tests"]) - len(of_this_run(evidence))
    stale = sum(bool(test.get("stale")) for test in evidence["tests"])
    told = say(" ({kept} tests on it come from earlier runs, {stale} of them stale)", kept=kept, stale=stale)
    return told if kept else ""


def table(evidence, say=english):
    """Lines of a table: how many statements of each section have which verdict; what is stale has none."""
    counts = {section["id"]: collections.Counter() for section in evidence["sections"]}
    for statement in evidence["statements"]:
        counts[statement["section"]]["stale" if statement.get("stale") else statement["verdict"]] += 1
    words = {word: say(word) for word in COUNTED if any(count[word] for count in counts.values())}
    widths = {word: max(width(told), 4) for word, told in words.items()}
    yield " " * 44 + "  ".join(" " * (widths[word] - width(told)) + told for word, told in words.items())
    language = say.args[0]
    for section in evidence["sections"]:
        cells = (str(counts[section["id"]][word] or "·").rjust(width) for word, width in widths.items())
        title = shortened(section[language], 39)
        yield f"{section['id']:3} {title}{' ' * (40 - width(title))}" + "  ".join(cells)


def width(text):
    """Columns that a text takes on a terminal: two for a Chinese letter."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text, most):
    """As much of a text as takes at most so many columns."""
    while text and width(text) > most:
        text = text[:-1]
    return text
