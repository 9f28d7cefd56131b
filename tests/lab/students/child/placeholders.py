"""Packages that are not installed: a stand-in lets the file be imported, so that what does not use them is judged."""

import ast
import importlib.util
import sys
import types
from importlib.machinery import ModuleSpec


class Absent(types.ModuleType):
    """A package that isn't there: whatever is asked of it says so when it is used."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Unusable(f"{self.__name__}.{name}", self.__name__.partition(".")[0])


class Unusable:
    """Something out of an absent package."""

    def __init__(self, name, package):
        self._name, self._package = name, package

    def __call__(self, *args, **kwargs):
        raise ModuleNotFoundError(f"{self._name} was called, and {self._package} is not installed here")

    def __getattr__(self, name):
        return Unusable(f"{self._name}.{name}", self._package)


class Finder:
    """The last in Python's list of finders, so that it is asked only for what no other found."""

    def __init__(self, absent):
        self.absent = absent

    def find_spec(self, name, path=None, target=None):
        """A stand-in for one of the absent packages, and for what lies in it."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self.absent else None

    def create_module(self, spec):
        return Absent(spec.name)

    def exec_module(self, module):
        """There is nothing to run."""


def allow(work):
    """Let the packages that the files in `work` import and that are absent be imported; return their names."""
    files = list(work.rglob("*.py"))
    named = {name for path in files for name in _imported(path.read_bytes())}
    theirs = {name for path in files for name in (path.stem, path.parent.name)}
    absent = sorted(name for name in named - theirs if importlib.util.find_spec(name) is None)
    sys.meta_path.append(Finder(absent))
    return absent


def _imported(source):
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):  # the import will tell
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]
