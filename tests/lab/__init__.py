"""The instruments, in packages. As a pytest plugin it names all others; pytest.ini loads it, in whatever folder one is.

pytest reads the conftest.py of the folders that it takes the command line to name, and that may be none of ours.
"""

import sys

WRITING = ["lab.claims.collection", "lab.report.history", "lab.report.writing"]  # run no test
pytest_plugins = [
    "lab.claims.garbage_collection",  # before the imports of the others
    "lab.data.plugin",
    "lab.claims.conditions",
    *WRITING,
    "lab.claims.plugin",
    "lab.benchmarking.plugin",
    "lab.experiments.plugin",
    "lab.experiments.absent_data",
    "lab.report.plugin",
    "lab.students.plugin",
    "lab.students.class_plugin",
    "pytester",
]
if {"--page", "--new-statement"} & set(sys.argv):  # at once: the instruments, which import torch, take longer
    pytest_plugins = WRITING
