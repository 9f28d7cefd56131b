"""Which rows of the table of costs fit into the minutes that a run may take."""

import math

from lab.benchmarking.roofline import measured_peak
from lab.benchmarking.rows import SHARE
from lab.device import MODES, precision
from lab.errors import NeedsDevice


def chosen(rows, seconds, budget):
    """Those of `rows` that fit into `budget` seconds together; they come as they are wanted, the most wanted first.

    seconds: what each takes. A row is left out only where it does not fit beside all those before it that were chosen,
    so a short one may come in where a longer one, more wanted, does not.
    """
    kept, left = [], budget
    for row, taken in zip(rows, seconds):
        if taken <= left:
            kept.append(row)
            left -= taken
    return kept


class Plan:
    """The rows that a run was asked for, and those `chosen`, by an estimate of what each takes.

    The measured peak is rounded to a power of two, so that two runs on one machine choose alike. others: seconds
    of the measurements that are no rows, which run in any case.
    """

    def __init__(self, rows, device, minutes, others):
        self.rows, self.minutes, self.others = rows, minutes, others
        self.peak = 2 ** round(math.log2(measured_peak(device).flops))
        self.seconds = {row: row.seconds(device, self.peak) if has(device, row) else 0 for row in rows}
        self.chosen = chosen(rows, self.seconds.values(), 60 * minutes - others)

    def words(self):
        """The estimate in one line."""
        taken, needed = sum(self.seconds[row] for row in self.chosen), sum(self.seconds.values()) + self.others
        return (
            f"costs: {len(self.chosen)} of {len(self.rows)} rows in about {taken / 60:.1f} minutes, comparisons in "
            f"{self.others / 60:.1f} (--budget {self.minutes:g}; all need {math.ceil(needed / 60)}), "
            f"estimated from FLOPs at {SHARE:.0%} of the measured peak of {self.peak:.2g} FLOP/s"
        )

    def left_out(self):
        """Why a row is NOT RUN, and how to get it: one sentence for all, which pytest then tells once."""
        return (
            f"does not fit into --budget {self.minutes:g} beside rows that are more wanted: "
            "give more minutes, or choose rows by -k"
        )

    def used_up(self):
        """The same of a row that was chosen."""
        return f"the minutes of --budget {self.minutes:g} were over before this row: give more, or choose it by -k"


def has(device, row):
    """Does the device have the row's mode? Else its test says why not, at once."""
    try:
        with precision(MODES[row.mode], device):
            return True
    except NeedsDevice:
        return False
