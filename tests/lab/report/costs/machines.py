"""Two merged machines side by side: the rows that both measured."""

from lab.report.costs.columns import same
from lab.report.runs.fold import folded


def merged_names(evidence):
    """Of the runs that a page was merged from; [] of another page."""
    return [] if folded(evidence) else [run["name"] for run in evidence.get("runs", ())]


def side_by_side(evidence):
    """[(row, the other machine's)] of a page that was merged from two runs, none of them stale; [] of another page."""
    if len(merged_names(evidence)) != 2:
        return []
    fresh = [row for row in evidence.get("costs", ()) if not row.get("stale")]
    one, other = ({same(row): row for row in fresh if row.get("run", 0) == index} for index in (0, 1))
    return [(row, other[key]) for key, row in one.items() if key in other]


def ratio(row, other):
    """How many times as many images a second the other makes."""
    return other["images_per_second"] / row["images_per_second"]
