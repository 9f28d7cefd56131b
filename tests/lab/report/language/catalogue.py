"""Translations from English: report.po has the page's own texts, claims.po what claims record and say.

The catalogues are compiled in memory, so that their text is their only form. English has none: its texts are the keys.
"""

import gettext
import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "zh")
LOCALE = Path(__file__).with_name("locale")
LONGEST_PATTERN = 300  # characters; matching takes time


@cache
def catalogue(language):
    """gettext's translations; where both catalogues have a text, report.po's comes first."""
    translations = gettext.NullTranslations()
    for messages in _messages(language):
        compiled = BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        more = gettext.GNUTranslations(compiled)
        more.add_fallback(translations)
        translations = more
    return translations


def _messages(language):
    for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            yield read_po(file, locale=language)


@cache
def _patterns(language):
    """[(pattern, has it words, translation)] of texts with places, such as "from {} to {}", most words first."""
    found = [message for messages in _messages(language) for message in messages if "{}" in message.id]
    return [(re.compile("(.+?)".join(map(re.escape, message.id.split("{}"))), re.DOTALL),
             any(map(str.isalpha, message.id)), message.string)
            for message in sorted(found, key=lambda message: -len(message.id.replace("{}", "")))]


@cache
def translated(text, language):
    """The catalogue's text; or that of a pattern that fits, with what fills its places translated in turn; or English.

    The empty text has no translation: gettext keeps its header under it.
    """
    known = catalogue(language).gettext(text) if text else text
    if known != text or len(text) > LONGEST_PATTERN:
        return known
    for pattern, words, filled in _patterns(language):
        if found := pattern.fullmatch(text):
            parts = [translated(part, language) for part in found.groups()]
            if words or parts != list(found.groups()):  # a comma alone is no reason to translate "2.8, 7.4"
                return filled.format(*parts)
    return text
