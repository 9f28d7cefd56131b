"""The table of costs on the terminal, in lines of at most 120 columns."""

from lab.report.costs.columns import WORDS, filled
from lab.report.costs.machines import merged_names, ratio, side_by_side
from lab.report.language.words import mark
from lab.report.terminal import english, shortened, width

WIDEST = 120  # columns
MOST = 60  # rows
LATENCY = {"p50", "p90", "p99"}


def cost_lines(rows, say=english):
    """The rows as lines, after a line of headings; the first MOST of them, which are the most wanted."""
    shown = rows[:MOST]
    numbers = [column for column in filled(shown) if column.heading not in LATENCY]
    latency = any(row["p50"] is not None for row in shown)
    table = [[say(column.heading) for column in (*WORDS, *numbers)] + ["p50/p90/p99 ms"] * latency]
    for row in shown:
        cells = [say(column.value(row)) for column in WORDS] + [short(column.value(row)) for column in numbers]
        table.append(cells + ["/".join(short(row[name]) for name in sorted(LATENCY)).strip("/")] * latency)
    yield from _aligned(table)
    if len(rows) > MOST:
        yield say(mark("{n} more rows on the page and in costs.csv"), n=len(rows) - MOST)


def machine_lines(evidence, say=english):
    """Two merged machines side by side: images per second of each, and the ratio; nothing of another page."""
    pairs, rate = side_by_side(evidence), say("images/s")
    if pairs:
        yield from (f"{number}: {name}" for number, name in enumerate(merged_names(evidence), 1))
        table = [[say(column.heading) for column in WORDS] + [say("batch"), f"{rate} 1", f"{rate} 2", say("ratio")]]
        for one, other in pairs:
            rates = [short(row["images_per_second"]) for row in (one, other)]
            words = [say(column.value(one)) for column in WORDS]
            table.append([*words, str(one["asked"]), *rates, short(ratio(one, other))])
        yield from _aligned(table)


def _aligned(table):
    """Rows of texts as lines: words to the left, numbers to the right, within WIDEST columns."""
    widths = [max(map(width, column)) for column in zip(*table)]
    while sum(widths) + len(widths) - 1 > WIDEST and max(widths[: len(WORDS)]) > 1:  # the longest words give way
        widths[widths.index(max(widths[: len(WORDS)]))] -= 1
    for cells in table:
        left = [_padded(shortened(text, wide), wide) for text, wide in zip(cells, widths[: len(WORDS)])]
        right = [" " * (wide - width(text)) + text for text, wide in zip(cells[len(WORDS) :], widths[len(WORDS) :])]
        yield " ".join([*left, *right]).rstrip()


def short(value):
    """Three digits or more of a number; "" of None."""
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _padded(text, wide):
    return text + " " * (wide - width(text))
