"""claims.csv: the evidence as a table for a spreadsheet, one line for each measurement, with the page's ids."""

import csv
import io

COLUMNS = [
    "statement",
    "slug",
    "origin",
    "place",
    "verdict",
    "correction",
    "correction_zh",
    "scope",
    "claim",
    "test",
    "role",
    "outcome",
    "what",
    "value",
    "expected",
    "unit",
    "convention",
    "source",
    "duration_s",
]
EMPTY = dict.fromkeys(("what", "value", "expected", "unit", "convention", "source"))


def as_table(evidence):
    """CSV text; a test that recorded nothing has one line too."""
    statements = {statement["id"]: statement for statement in evidence["statements"]}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for test in evidence["tests"]:
        for row in test["evidence"] or [EMPTY]:
            statement = statements[test["statement"]]
            better = statement["correction"]
            said = {
                "correction": better.get("en"),
                "correction_zh": better.get("zh"),
                "scope": statement["scope"].get("en"),
            }
            cells = {**statement, **said, **test, "test": test["nodeid"], **row}
            writer.writerow(cell(cells[column]) for column in COLUMNS)
    return "\ufeff" + text.getvalue()  # the byte order mark, by which spreadsheets know UTF-8


def cell(value):
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    return "'" + value if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value
