"""A test's source with the few colours that help to read it."""

from markupsafe import Markup
from pygments.lexers import PythonLexer
from pygments.token import Token

# A few classes instead of Pygments' many spans a line: names, numbers and operators stay plain, the page small.
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
    runs = []
    for kind, text in PythonLexer(stripnl=True).get_tokens(source):
        name = next((CLASSES[kind_or_parent] for kind_or_parent in reversed(kind.split())
                     if kind_or_parent in CLASSES), None)
        if runs and runs[-1][0] == name:
            runs[-1][1] += text
        else:
            runs.append([name, text])
    return Markup().join(
        Markup("<i class={}>{}</i>").format(name, _text(text)) if name else _text(text) for name, text in runs
    )


def _text(text):
    """Escaped for the inside of an element, where quotes, of which code is full, may stay."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
