"""Markup of a text in both languages: the page holds both, so that switching needs neither reload nor script."""

import re
from functools import cache

from markupsafe import Markup, escape

from lab.report.language.catalogue import LANGUAGES, LONGEST_PATTERN, catalogue, translated

LONG_WORD = re.compile(r"\S{101}")
SEPARATOR = re.compile(r"(?<!Net)(?<!VGG)-|-(?!\d)")  # of ids; not the dash of ResNet-18


@cache
def case_name(name):
    """Markup of a case's name. pytest joins the ids of several parameters with dashes, which ids hold themselves:
    a dash separates two ids where the catalogue has one of them.
    """
    return pair({language: " · ".join(translated(part, language) for part in _parts(name)) for language in LANGUAGES})


def _parts(name):
    if catalogue("zh").gettext(name or "-") == name:
        for at in (dash.start() for dash in SEPARATOR.finditer(name[:LONGEST_PATTERN])):
            sides = name[:at], name[at + 1 :]
            if all(sides) and any(translated(side, "zh") != side for side in sides):
                return [part for side in sides for part in _parts(side)]
    return [name]


def mark(text):
    """Marks a text for message extraction, as gettext's N_ does; it is translated where it is shown."""
    return text


def escaped(text):
    """Escaped text that may break inside words of more than 100 characters: browsers take seconds to break those."""
    text = str(text)
    if not LONG_WORD.search(text):
        return escape(text)
    pieces = re.split(r"(\s+)", text)
    return Markup().join(
        Markup("<wbr>").join(escape(part) for part in re.findall(".{1,100}", piece, re.DOTALL)) for piece in pieces
    )


def finished(value):
    """Jinja's `finalize` for every value that it prints: plain text is escaped, markup and numbers stay."""
    return escaped(value) if type(value) is str else value


class Translator:
    """Texts of the page in one language; values fill the {places} in them and are escaped."""

    def __init__(self, language):
        self.language = language

    def __call__(self, text, **values):
        return _fill(translated(text, self.language), values)

    def of(self, text):
        """A text that the evidence brings, as it is: neither filled nor escaped."""
        return translated(str(text), self.language)

    def many(self, one, many, n, **values):
        """The plural form that the number n asks for."""
        return _fill(catalogue(self.language).ngettext(one, many, n), {**values, "n": f"{n:,}"})


TRANSLATORS = [Translator(language) for language in LANGUAGES]


def in_both(tell, *evidence):
    """Markup of a line that `tell(*evidence, say)` puts together with the Translator of one language at a time.

    Both languages of each of its words would be three times as long.
    """
    return pair({say.language: tell(*evidence, say) for say in TRANSLATORS})


def t(text, **values):
    """Markup of an interface text in both languages."""
    return pair({say.language: say(text, **values) for say in TRANSLATORS})


def tn(one, many, n, **values):
    """As t, in the plural form that the number n asks for."""
    return pair({say.language: say.many(one, many, n, **values) for say in TRANSLATORS})


def data(text, tag="i", change=str):
    """Markup of a text that the evidence brings: in both languages where the catalogue has it, else as it is.

    change: what is done to the text once it is translated.
    """
    text = str(text)
    return pair({language: change(translated(text, language)) for language in LANGUAGES}, tag)


def pair(texts, tag="i"):
    """Markup of one text for each language, of which the style shows one; equal texts need no switch.

    <i lang> is HTML's element for words of another language, and short: a page has ten thousand. <i> alone is English.
    """
    if len(set(texts.values())) == 1:
        return _show(texts["en"], tag)
    english, chinese = Markup(f"<{tag}>{{}}</{tag}>"), Markup(f"<{tag} lang=zh>{{}}</{tag}>")
    return english.format(_show(texts["en"], tag)) + chinese.format(_show(texts["zh"], tag))


def _show(text, tag):
    return escaped(text) if tag == "i" and not isinstance(text, Markup) else escape(text)  # SVG has no wbr


def _fill(text, values):
    return escape(text).format(**values) if values else escape(text)


# What evidence.json says in one word, for the extraction; the page shows each with an icon and a colour.
VERDICTS = {
    mark("confirmed"): "✓",
    mark("corrected"): "✎",
    mark("refuted"): "✗",
    mark("context"): "§",
    mark("recorded"): "◷",
    mark("published"): "¶",
    mark("not reproduced"): "≠",
    mark("undecided"): "?",
    mark("not run"): "⊘",
    mark("not yet tested"): "○",
}
STALE = mark("stale")  # found by an earlier run with other code, data or machine; counted apart
COUNTED = {**VERDICTS, STALE: "⟲"}
OUTCOMES = {
    mark("HOLDS"): "✓",
    mark("CAUGHT"): "✓",
    mark("NOT RUN"): "⊘",
    mark("RECORDED"): "◷",
    mark("UNDECIDED"): "?",
    mark("FAILS"): "✗",
    mark("MISSED"): "✗",
    mark("BROKEN"): "!",
}
ORIGINS = {  # how a statement names its own, and how the head counts them
    "notes": (mark("notes"), mark("{n} of the notes")),
    "notebook": (mark("notebook"), mark("{n} of the notebooks")),
    "paper": (mark("paper"), mark("{n} of papers")),
    "ours": (mark("ours"), mark("{n} of ours")),
}
FROM_RECORDS = (  # reasons of tests that lab.experiments.recorded answers, for the catalogue
    mark("recorded trials: {}; {}; {}"),
    mark("recorded trials: {} (made by other code: {}); {}; {}"),
)
OVER_BUDGET = (  # reasons of rows of the table of costs, of lab.benchmarking.budget
    mark("does not fit into --budget {} beside rows that are more wanted: give more minutes, or choose rows by -k"),
    mark("the minutes of --budget {} were over before this row: give more, or choose it by -k"),
)
PLACE = mark("{}, sentence {}")  # in which the notes and notebooks are quoted, for the catalogue
DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "digits": mark("scikit-learn's handwritten digits")}
MACHINE = {"cpu": mark("processor"), "gpu": mark("GPU")}
OTHERS = [
    mark("exact"),
    mark("trained"),
    mark("record"),
    mark("cifar"),
    mark("gpu"),
    mark("quick"),
    mark("course"),
    mark("t e-value"),
    mark("equivalence"),
    mark("sign"),
    mark("equivalence by signs"),
    mark("gain"),
    mark("declared"),
    mark("fresh"),
    mark("absent"),
    mark("points"),
    mark("times"),
    mark("device"),
    mark("driver"),
    mark("clocks"),
    mark("software"),
    mark("mode"),
    mark("threads"),
    mark("out of memory at a batch of"),
    mark("slow rounds, repeated"),
    mark("rounds left out, the allocator retried"),
    mark("sensors"),
    mark("code"),
    mark("data"),
    mark("machine"),
]
