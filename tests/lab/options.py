"""pytest plugin: names all others; pytest.ini names it, so that they and their options hold in any folder.

pytest reads the conftest.py of the folders that it takes the command line to name, and that may be none of ours.
"""

from pathlib import Path

pytest_plugins = [
    "lab.garbage_collection",  # before the imports of the others
    "lab.data.plugin",
    "lab.claims.conditions",
    "lab.claims.collection",
    "lab.claims.plugin",
    "lab.experiments.plugin",
    "lab.report.history",
    "lab.report.plugin",
    "pytester",
]


def pytest_addoption(parser):
    group = parser.getgroup("lecture")
    group.addoption("--report-dir", type=Path, metavar="DIR", help="where the report goes (default: reports)")
    group.addoption("--language", choices=["en", "zh", "auto"], default="auto",
                    help="the report's first language (default: the reader's browser's)")


def pytest_configure(config):
    """`pytest -c elsewhere/pytest.ini` means the tests there, and not what lies in the present folder."""
    if (config.args_source is config.ArgsSource.INVOCATION_DIR
            and not config.invocation_params.dir.is_relative_to(config.rootpath)):
        config.args = [str(config.rootpath / path) for path in config.getini("testpaths") or [""]]
        config.args_source = config.ArgsSource.TESTPATHS
