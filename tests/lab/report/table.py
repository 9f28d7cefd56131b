"""claims.csv: the evidence as a table for a spreadsheet, one line for each measurement, with the page's ids."""

import csv
import io

COLUMNS = ["statement", "slug", "verdict", "claim", "test", "role", "outcome", "what", "value", "expected", "unit",
           "convention", "source", "duration_s"]
EMPTY = {"what": "", "value": "", "expected": None, "unit": "", "convention": "", "source": ""}


def as_table(evidence):
    """CSV text; a test that recorded nothing has one line too."""
    statements = {statement["id"]: statement for statement in evidence["statements"]}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for test in evidence["tests"]:
        statement = statements[test["statement"]]
        for row in test["evidence"] or [EMPTY]:
            writer.writerow(map(_cell, [
                statement["id"], statement["slug"], statement["verdict"], test["claim"], test["nodeid"], test["role"],
                test["outcome"], row["what"], row["value"], row["expected"], row["unit"], row["convention"],
                row["source"], test["duration_s"]]))
    return "\ufeff" + text.getvalue()  # the mark by which spreadsheets know UTF-8


def _cell(value):
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    return "'" + value if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value
