"""After a change of the code: do records of this machine begin as this code begins the same training?

    cd tests && ../.venv/bin/python -m selfcheck.experiments.carry_records_over --data-dir=DIR

trains the first 20 batches of the first record of each file again. Where the losses are the same to the bit, the file's
records of the same environment are marked as made by code alike; where not, it says so, and they stay marked as made by
other code.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from lab.execution.environment import code_digest
from lab.experiments.records import FOLDER, records_in
from lab.training.course_training import first_losses, train_course_net


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--record", type=Path, default=FOLDER, metavar="DIR")
    known = parser.parse_args()
    now = code_digest((train_course_net.__module__,))
    for path in sorted(known.record.glob("*.jsonl")):
        records = list(records_in(path))
        path.write_text("".join(f"{one.line}\n" for one in carried(records, now, known.data_dir)), encoding="utf-8")


def carried(records, now, data_dir):
    """The records, those of the first one's environment marked with the digest `now` if it begins alike."""
    first = records[0]
    if not first.made_by_other_code({train_course_net.__module__}):
        return records
    recipe = {name: value for name, value in first.recipe.items() if name != "epochs"}
    if first_losses(first.seed, data_dir=data_dir, **recipe) != first.metrics["first losses"]:
        print(f"{first.arm}: other losses in the first batches; its records are of other code", file=sys.stderr)
        return records
    return [replace(one, alike=[*one.alike, now]) if one.environment == first.environment else one for one in records]


if __name__ == "__main__":
    main()
