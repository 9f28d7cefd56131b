"""The columns of the table of costs, the same on the terminal, in costs.csv and on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.report.language.words import mark


@dataclass(frozen=True)
class Column:
    """heading: what a reader sees above it; value: of a row of evidence.json; None where the row has none."""

    name: str  # in costs.csv
    heading: str
    value: Callable[[dict], object]


def _of(name):
    return lambda row: row[name]


def _percent(of):
    return lambda row: 100 * row["flops_per_second"] / row[of] if row[of] else None


def network(row):
    """A network's name, with the side of its images where it is not its own."""
    return f"{row['network']}, {row['side']} px" if row["side"] else row["network"]


def passes(row):
    """ "forward" or "training", and whether for a whole minute."""
    return f"{row['pass']}, a minute" if row["sustained"] else row["pass"]


WORDS = (
    Column("network", mark("network"), network),
    Column("mode", mark("mode"), _of("mode")),
    Column("pass", mark("pass"), passes),
)
NUMBERS = (
    Column("batch", mark("batch"), _of("batch")),
    Column("images_per_second", mark("images/s"), _of("images_per_second")),
    Column("milliseconds", "ms", _of("milliseconds")),
    Column("p50_ms", "p50", _of("p50")),
    Column("p90_ms", "p90", _of("p90")),
    Column("p99_ms", "p99", _of("p99")),
    Column("peak_MiB", "MiB", _of("peak_MiB")),
    Column("percent_of_measured_peak", mark("% peak"), _percent("peak_flops")),
    Column("percent_of_datasheet_peak", mark("% rated"), _percent("datasheet_flops")),
    Column("images_per_joule", mark("images/J"), _of("images_per_joule")),
)
FOR_THE_CATALOGUE = (  # what rows say
    mark("forward"),
    mark("training"),
    mark("{}, a minute"),
    mark("library default"),
    mark("CUDA graph"),
)


def filled(rows, columns=NUMBERS):
    """Those of the columns that have a value in any row."""
    return [column for column in columns if any(column.value(row) is not None for row in rows)]


def of_this_run(evidence):
    """The rows of a page that its last run measured."""
    last = len(evidence.get("runs", ())) - 1
    return [row for row in evidence.get("costs", ()) if row.get("run", last) == last]


def same(row):
    """What makes two rows of two machines the same measurement."""
    return tuple(row[name] for name in ("network", "side", "mode", "asked", "pass", "sustained"))
