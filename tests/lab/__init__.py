"""The instruments, in packages. As a pytest plugin it names all others; pytest.ini loads it, in whatever folder one is.

pytest reads the conftest.py of the folders that it takes the command line to name, and that may be none of ours.
"""

pytest_plugins = [
    "lab.claims.garbage_collection",  # before the imports of the others
    "lab.data.plugin",
    "lab.claims.conditions",
    "lab.claims.collection",
    "lab.claims.plugin",
    "lab.experiments.plugin",
    "lab.report.history",
    "lab.report.plugin",
    "lab.students.plugin",
    "pytester",
]
