"""costs.csv: the rows of the table of costs for a spreadsheet, with the machine and the run that each comes from."""

import csv
import io

from lab.report.costs.columns import NUMBERS, WORDS
from lab.report.table import cell

NAME = "costs.csv"
PLAIN = (  # columns as evidence.json has them
    *("asked", "rounds", "single_calls", "intensity", "peak_flops", "peak_bandwidth", "datasheet_flops"),
    *("conditions", "device", "driver", "clocks"),
)


def as_csv(evidence):
    """CSV text, a line for each row."""
    columns = (*WORDS, *NUMBERS)
    text, runs = io.StringIO(), evidence.get("runs") or [evidence["run"]]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(column.name for column in columns), *PLAIN, "stale", "started", "test"])
    for row in evidence.get("costs", ()):
        told = [*(column.value(row) for column in columns), *(row[name] for name in PLAIN)]
        run = runs[row.get("run", -1)]
        told += ["; ".join(row.get("stale", ())), run["started"], row["nodeid"]]
        writer.writerow(map(cell, told))
    return "\ufeff" + text.getvalue()  # the byte order mark, by which spreadsheets know UTF-8
