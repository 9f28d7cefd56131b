"""Translation catalogues: report.po has the page's own texts, claims.po what claims record and say.

They are compiled in memory, so that no .mo file can be out of date. English has none: its texts are the keys.
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
LONGEST_PATTERN = 300  # characters of a text that is matched against patterns, which takes time


@cache
def catalogue(language):
    """gettext's translations from both catalogues; where both have a text, report.po's."""
    translations = gettext.NullTranslations()
    for messages in _messages(language):
        compiled = BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        more = gettext.GNUTranslations(compiled)
        more.add_fallback(translations)
        translations = more
    return translations


@cache
def _messages(language):
    """Both catalogues, claims.po first."""
    paths = sorted((LOCALE / language / "LC_MESSAGES").glob("*.po"))
    return [read_po(BytesIO(path.read_bytes()), locale=language) for path in paths]


@cache
def _patterns(language):
    """[(pattern, has it words, translation)] of texts with places, such as "from {} to {}", most words first."""
    found = [message for messages in _messages(language) for message in messages if "{}" in message.id]
    return [
        (
            re.compile("(.+?)".join(map(re.escape, message.id.split("{}"))), re.DOTALL),
            any(map(str.isalpha, message.id)),
            message.string,
        )
        for message in sorted(found, key=lambda message: -len(message.id.replace("{}", "")))
    ]


@cache
def translated(text, language):
    """The catalogue's translation; else that of the first pattern that fits, with the values in its places translated
    in turn; else the text itself. gettext keeps a catalogue's header under the empty text, which stays empty.
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
