"""The report: one HTML file that needs nothing else, and evidence.json beside it."""

import base64
import hashlib
import json
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from lab.claims.evidence import plain
from lab.outside import unfit
from lab.report.costs import csv_table as costs
from lab.report.explorables import TERMS
from lab.report.files import ReportError, check_writable, replace_files
from lab.report.language import words
from lab.report.language.catalogue import LANGUAGES, translated
from lab.report.language.headings import earlier_line, evidence_line, kind_line, origin_line
from lab.report.language.numbers import moment, number, seconds
from lab.report.language.sentences import decision_line, limits_line, unit, value
from lab.report.language.words import case_name, data, pair, t, tn
from lab.report.runs import verdicts
from lab.report.runs.reading import LARGEST
from lab.report.sheets import blank_style
from lab.report.table import as_table
from lab.report.view import View, anchor

__all__ = ["ReportError", "check_writable", "document", "render", "write"]

HERE = Path(__file__).parent
STYLES = ("style.css", "statement.css", "explore.css", "project.css", "print.css", "sheets.css", "votes.css")
SCRIPTS = ("script.js", "picture.js", "source.js", "formulas.js", "drawings.js", "explore.js", "votes.js", "project.js")
COSTS_STYLES, COSTS_SCRIPTS = ("costs.css",), ("costs.js",)
FUNCTIONS = (
    *(anchor, case_name, data, moment, number, pair, seconds, t, tn, unit, value),
    *(decision_line, earlier_line, evidence_line, kind_line, limits_line, origin_line),
)


def render(evidence, language="en", drawings=None, history=()):
    """HTML text of the page for an evidence dict (runs/schema.json).

    language: "en", "zh", or "auto" for the reader's browser's; the page holds both and switches in place.
    drawings, history: see View.
    """
    if language not in {*LANGUAGES, "auto"}:
        raise ReportError(f"The report has no language {language!r}: use one of {', '.join(LANGUAGES)} or auto.")
    view = View(evidence, drawings, history)
    more = 1 if view.costs else 0  # style and script of the table of costs
    drawn = "".join(f".{name}{{{body}}}\n" for body, name in view.styles.items())
    style = _assets(STYLES + COSTS_STYLES * more) + blank_style() + drawn
    script = _assets(SCRIPTS + COSTS_SCRIPTS * more)
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            view=view,
            run=view.run,
            language="en" if language == "auto" else language,
            auto=language == "auto",
            style=Markup(style),
            script=Markup(script),
            policy=escape(policy),
        )
    )


def document(template, language, **values):
    """HTML text of another page in the same style, without script, from the text of a template."""
    if language not in {*LANGUAGES, "auto"}:
        raise ReportError(f"The report has no language {language!r}: use one of {', '.join(LANGUAGES)} or auto.")
    style = _assets(STYLES)
    policy = f"default-src 'none'; style-src {_digest(style)}; base-uri 'none'; form-action 'none'"
    spoken = "en" if language == "auto" else language
    page = _environment().from_string(template)
    return page.render(language=spoken, style=Markup(style), policy=escape(policy), **values)


def write(evidence, folder, language="en", drawings=None, history=None, previous=True):
    """Write index.html, evidence.json, claims.csv, costs.csv and history.json to `folder`, and return the page's path.

    history: see View; without one the file stays as it is. previous: keep the evidence that was there as previous.json,
    to compare with. Raises ReportError, with the old files intact, where the folder can't hold them.
    """
    folder = Path(folder)
    check_writable(folder)
    texts = {
        "evidence.json": as_json(evidence),
        "claims.csv": as_table(evidence),
        "index.html": render(evidence, language, drawings, history or ()),
    }
    if evidence.get("costs") or (folder / costs.NAME).exists():  # else it would keep another page's rows
        texts[costs.NAME] = costs.as_csv(evidence)
    if history:
        texts[verdicts.NAME] = json.dumps(history, ensure_ascii=False) + "\n"
    with suppress(OSError):  # there was none
        if previous and not unfit(folder / "evidence.json", LARGEST):
            texts["previous.json"] = (folder / "evidence.json").read_text(encoding="utf-8", errors="replace")
    replace_files(folder, texts)
    return folder / "index.html"


def as_json(evidence):
    """JSON text; numbers that are not finite, which JSON lacks, become the words nan, inf and -inf."""
    return json.dumps(plain(evidence), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


@cache
def _environment():
    def unindented(name):  # the indentation of templates would take a hundredth of the page
        return re.sub(r"^ +", "", (HERE / "templates" / name).read_text(encoding="utf-8"), flags=re.MULTILINE)

    environment = Environment(
        loader=FunctionLoader(unindented),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=words.finished,
    )
    environment.globals |= {function.__name__: function for function in FUNCTIONS}
    environment.globals |= {
        "plain": translated,
        "VERDICTS": words.COUNTED,
        "ORIGINS": words.ORIGINS,
        "DATASETS": words.DATASETS,
        "MACHINE": words.MACHINE,
        "TERMS": TERMS,
    }
    return environment


def _assets(names):
    """The files as one, without indentation and without lines that are comments."""
    text = "".join((HERE / "assets" / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"^ *(//.*\n|/\*[^*]*\*/\n)?", "", text, flags=re.MULTILINE)


def _digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
