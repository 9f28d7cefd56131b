"""What claims say, for translators: a method of babel's message extraction (see locale/babel.cfg).

It finds the first line of each claim's docstring, the names of cases, the reasons of counterexamples, the words of
measured rows and figures, and the names of arms. A text that is put together when the test runs is found as a pattern,
such as "from {} to {} channels".
"""

import ast


def claims(file, keywords, comment_tags, options):
    """Babel's protocol: yields (line, function, text, comments) for each text of a test file."""
    for node in ast.walk(ast.parse(file.read())):
        for text in _texts(node):
            if any(letter.isalpha() for letter in text):
                yield node.lineno, "", text, []


def _texts(node):
    if isinstance(node, ast.FunctionDef) and any("claim" in _name(one) for one in node.decorator_list):
        yield (ast.get_docstring(node) or "").partition("\n")[0]
    if isinstance(node, ast.Call):
        ids = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
        spoken = {"Arm": node.args[:1], "param": ids, "counterexample": node.args[:1], "figure": node.args[1:],
                  "measured": node.args[:3]}.get(_name(node), ())
        if spoken:
            words = () if _name(node) in {"Arm", "param"} else node.keywords  # an arm's are its recipe
            told = [keyword.value for keyword in words if keyword.arg != "source"]
            for part in (*spoken, *told):
                yield from _strings(part)


def _strings(node):
    """Texts in an expression, but not those in a call's arguments; an f-string with {} for each value in it."""
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else ()
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif not isinstance(node, ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def _name(node):
    """Name of what is called or decorates, without what it belongs to."""
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))
