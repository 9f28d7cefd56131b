"""A test's source with the few colours that help to read it."""

from html import escape
from itertools import groupby

from markupsafe import Markup
from pygments.lexers import PythonLexer
from pygments.token import Token

# Short elements instead of classes, and few of them, to keep the page small: names, numbers and operators have none.
ELEMENTS = {
    Token.Comment: "em",
    Token.Literal.String.Doc: "em",
    Token.Literal.String: "q",
    Token.Keyword: "b",
    Token.Operator.Word: "b",
    Token.Name.Decorator: "var",
    Token.Name.Function: "dfn",
}


def highlighted(source):
    """Markup of Python source text."""
    parts = []
    for name, tokens in groupby(PythonLexer().get_tokens(source), lambda token: _element(token[0])):
        text = Markup(escape("".join(text for _, text in tokens), quote=False))  # code is full of quotes
        parts.append(Markup("<{0}>{1}</{0}>").format(name, text) if name else text)
    return Markup().join(parts)


def _element(kind):
    """Of a token's kind, or of the nearest kind above it."""
    return next((ELEMENTS[one] for one in reversed(kind.split()) if one in ELEMENTS), None)
