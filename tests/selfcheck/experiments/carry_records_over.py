"""After a change of the code: do records of this machine begin as this code begins the same trial?

    cd tests && ../.venv/bin/python -m selfcheck.experiments.carry_records_over --data-dir=DIR

makes the first trial of each file again: its first 20 batches where it takes long, all of it where not. Where the
losses, or the metrics, are the same to the bit, the file's records of the same environment are marked as made by code
alike; where not, it says so, and they stay marked as made by other code.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from lab.execution.environment import code_digest
from lab.experiments.records import FOLDER, in_lines, records_in
from selfcheck.experiments.made_again import METRICS, arm_of, made_again


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--record", type=Path, default=FOLDER, metavar="DIR")
    known = parser.parse_args()
    for path in sorted(known.record.glob("*.jsonl")):
        records = list(records_in(path))
        if arm_of(records[0]).trial in METRICS:  # a cost never comes out equal: it is measured anew
            path.write_text(in_lines(carried(records, known.data_dir)), encoding="utf-8")


def carried(records, data_dir):
    """The records, those of the first one's environment marked with the digest of today if it begins alike."""
    first, modules = records[0], arm_of(records[0]).modules
    if not first.made_by_other_code(modules):
        return records
    before, now = made_again(first, data_dir)
    if before != now:
        print(f"{first.arm}: its first trial begins otherwise; its records are of other code", file=sys.stderr)
        return records
    alike = [*first.alike, code_digest(tuple(sorted(modules)))]
    return [replace(one, alike=alike) if one.environment == first.environment else one for one in records]


if __name__ == "__main__":
    main()
