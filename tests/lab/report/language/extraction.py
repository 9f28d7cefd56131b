"""Message extraction from claims: an extraction method of Babel (see locale/babel.cfg).

It finds the first line of each claim's docstring, the names of cases, the reasons of counterexamples, the words of
measured rows and figures, the names of arms, the metrics that are compared, and the reasons for not running. A text
that a test puts together, such as an f-string, is found as a pattern, such as "from {} to {} channels".
"""

import ast

# Which arguments of a call are texts: by position, then by keyword.
POSITIONAL = {
    "Arm": slice(1),
    "param": slice(0),
    "counterexample": slice(1),
    "figure": slice(1, None),
    "measured": slice(3),
    "need_course_scale": slice(1, None),
    "DataMissing": slice(None),
    "NeedsCourseScale": slice(None),
    "NeedsDevice": slice(None),
    "NotInTheAudit": slice(None),
    "OnlyDryRun": slice(None),
}
KEYWORDS = {"Arm": set(), "param": {"id"}}  # the others' all are, but a source, which stays as published


def claims(file, keywords, comment_tags, options):
    """Babel's protocol: yields (line, function, text, comments) for each text of a test file."""
    module = ast.parse(file.read())
    given = [node for node in module.body if isinstance(node, ast.Assign)]
    named = {target.id: node.value for node in given for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(module):
        for text in _texts(node, named, made=node in given):
            if any(letter.isalpha() for letter in text):
                yield node.lineno, "", text, []


def _texts(node, named, made):
    """made: the node stands in the module's head, where arms are made by functions of the module's own."""
    if isinstance(node, ast.FunctionDef) and any("claim" in _name(one) for one in node.decorator_list):
        yield (ast.get_docstring(node) or "").partition("\n")[0]
        yield from _metrics(node, named)
    elif isinstance(node, ast.Assign) and made:
        yield from _arms(node.value)
    elif isinstance(node, ast.Call) and _name(node) in POSITIONAL:
        name = _name(node)
        told = [
            keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS.get(name, {keyword.arg} - {"source"})
        ]
        for part in (*node.args[POSITIONAL[name]], *told):
            yield from _strings(part, named)


def _metrics(function, named):
    """Metrics that a claim compares: texts of its own, or of its cases."""
    for call in ast.walk(function):
        for keyword in call.keywords if isinstance(call, ast.Call) and _name(call) == "compare" else ():
            if keyword.arg == "metric":
                metric = keyword.value
                yield from _cases(function, metric.id) if isinstance(metric, ast.Name) else _strings(metric, named)


def _arms(value):
    """Names of arms, the first argument of functions whose results the module keeps: PLAIN = trained("plain", Net)."""
    for call in value.elts if isinstance(value, ast.Tuple) else [value]:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.islower():
            yield from _strings(ast.List(call.args[:1]), {})


def _cases(function, parameter):
    """Texts that a test's cases give one of its parameters."""
    for mark in function.decorator_list:
        if _name(mark) == "parametrize" and parameter in (names := mark.args[0].value.split(", ")):
            for case in mark.args[1].elts:
                yield from _strings(ast.List(case.args[names.index(parameter) :][:1]), {})


def _strings(node, named):
    """Texts in an expression, but not those in a call's arguments; an f-string with {} for each value in it.

    named: what the module's own names stand for.
    """
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else ()
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.Name):
        yield from _strings(named[node.id], {}) if isinstance(named.get(node.id), ast.Constant) else ()
    elif not isinstance(node, ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from _strings(child, named)


def _name(node):
    """Name of what is called or decorates, without what it belongs to."""
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))
