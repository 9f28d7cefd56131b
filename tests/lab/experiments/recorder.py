"""Keeps trials of a run in a folder of records, each the moment it arrives."""

import json
import re
from pathlib import Path

from lab.experiments.records import FIRST_LOSSES, Record, RecordError, records_in


class Recorder:
    """Adds trials of a run to a folder's records.

    Raises RecordError where the folder can't be written.
    """

    def __init__(self, folder, machine):
        self.folder, self.machine = Path(folder), machine
        self._attempt(lambda: self.folder.mkdir(parents=True, exist_ok=True))
        self._files = {path: list(records_in(path)) for path in self.folder.glob("*.jsonl")}
        self._known = {self._identity(record) for records in self._files.values() for record in records}

    def __call__(self, task, seed, metrics):
        """Keep a trial, unless it is there."""
        self.add(Record.of(task, seed, metrics, self.machine))

    def add(self, record):
        """Keep a record, unless it is there."""
        if self._identity(record) not in self._known:
            self._known.add(self._identity(record))
            self._attempt(lambda: self._append(record))

    def _append(self, record):
        name = re.sub("[^a-z0-9]+", "-", record.arm.lower()).strip("-")
        above = self._files.setdefault(self.folder / f"{name}.jsonl", [])
        with (self.folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{record.line(*above[-1:])}\n")
        above.append(record)

    def _attempt(self, write):
        try:
            write()
        except OSError as error:
            raise RecordError(
                f"records can't be written to {self.folder} ({error.strerror}): name another folder with --record"
            ) from error

    @staticmethod
    def _identity(record):
        return record.place, json.dumps(record.environment, sort_keys=True)


class Keeping:
    """A laboratory that keeps what its comparisons need in a folder of records, however short it took; no curves.

    What takes long the laboratory itself gives to a recorder, the moment it arrives; an arm that reads no images, such
    as a published figure, needs no record.
    """

    def __init__(self, laboratory, recorder):
        self.laboratory, self.recorder, self.scale = laboratory, recorder, laboratory.scale

    def task(self, arm):
        """As the laboratory's."""
        return self.laboratory.task(arm)

    def compare(self, contrast, *question, **options):
        """As the laboratory's."""
        comparison = self.laboratory.compare(contrast, *question, **options)
        for arm in contrast:
            self.trials(arm, comparison.seeds[: comparison.n])
        return comparison

    def trials(self, arm, seeds):
        """As the laboratory's."""
        found = self.laboratory.trials(arm, seeds)
        if arm.reads_images and not arm.time_limit:
            for seed, metrics in zip(seeds, found, strict=True):
                self.recorder(self.task(arm), seed, _without_curves(metrics))
        return found


def _without_curves(metrics):
    return {name: value for name, value in metrics.items() if name == FIRST_LOSSES or not isinstance(value, list)}
