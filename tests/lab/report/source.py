"""A test's source with the few colours that help to read it."""

from html import escape
from itertools import groupby

from markupsafe import Markup
from pygments.lexers import PythonLexer
from pygments.token import Token

# Few classes, to keep the page small: names, numbers and operators have none.
CLASSES = {
    Token.Comment: "c",
    Token.Literal.String.Doc: "d",
    Token.Literal.String: "s",
    Token.Keyword: "k",
    Token.Operator.Word: "k",
    Token.Name.Decorator: "a",
    Token.Name.Function: "f",
}


def highlighted(source):
    """Markup of Python source text."""
    parts = []
    for name, tokens in groupby(PythonLexer().get_tokens(source), lambda token: _class(token[0])):
        text = Markup(escape("".join(text for _, text in tokens), quote=False))  # code is full of quotes
        parts.append(Markup("<i class={}>{}</i>").format(name, text) if name else text)
    return Markup().join(parts)


def _class(kind):
    """Of a token's kind, or of the nearest kind above it."""
    return next((CLASSES[one] for one in reversed(kind.split()) if one in CLASSES), None)
