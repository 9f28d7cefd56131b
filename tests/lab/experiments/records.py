"""Trials that took long, or data that not everybody has, kept as plain data: one file an arm, a line of JSON a trial.

A record says what its numbers depend on, when it was made and on what; what a line doesn't say is as in the line above.
A claim is decided from records by the rule that decides from trials of the run; no verdict is kept.
"""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path

from lab.data.datasets import describe
from lab.errors import LabError
from lab.execution.environment import code_digest
from lab.experiments.store import named
from lab.outside import unfit

FOLDER = Path(__file__).parents[2] / "records"
FIRST_LOSSES = "first losses"  # the metric by which a later selfcheck tells whether the same code trained
LARGEST = 5_000_000  # bytes of a file; a trial takes about one thousand


class RecordError(LabError):
    """A file of records can't be read or written."""


@dataclass(frozen=True)
class Record:
    """A trial: its arm's name, trial function and recipe as plain data, its seed, lab.execution.environment's facts,
    its data set (lab.data.datasets.describe), the machine in words, the day, and the metrics; None for an infinite one.
    alike: digests of later code that began the same training with the same losses, to the bit.
    """

    arm: str
    trial: str
    recipe: dict
    seed: int
    environment: dict
    data: dict | None
    machine: str
    made: str
    metrics: dict
    alike: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, task, seed, metrics, machine):
        """The record of a trial that was made today."""
        finite = {name: None if value == math.inf else value for name, value in metrics.items()}
        design = named(task.arm.trial), named(task.arm.recipe)
        today, images = date.today().isoformat(), task.images
        return cls(task.arm.name, *design, seed, task.environment, images and describe(images), machine, today, finite)

    @classmethod
    def read(cls, line, above=None):
        """A line of a file, below that of the record `above`; raises ValueError for one that makes no record."""
        said = json.loads(line)
        if not isinstance(said, dict):
            raise ValueError("it is no JSON object")
        known = {one.name for one in fields(cls)}
        missing = ({"seed", "metrics"} if above else known - {"alike"}) - set(said)
        if wrong := [*sorted(missing), *(name for name in said if name not in known)]:
            raise ValueError(f"it has no {wrong[0]!r}" if missing else f"no record has a {wrong[0]!r:.50}")
        record = cls(**{**(asdict(above) if above else {}), **said})
        kinds = str, str, dict, int, dict, (dict, type(None)), str, str, dict, list
        for name, kind in zip(vars(record), kinds, strict=True):
            if not isinstance(vars(record)[name], kind):
                raise ValueError(f"its {name!r} is of another kind than in other records")
        date.fromisoformat(record.made)
        return record

    @property
    def place(self):
        """What it is a trial of: trials of one place can stand for each other, whatever machine made them."""
        return _place(self.trial, self.recipe, self.seed)

    @property
    def trial_metrics(self):
        """The metrics as the trial returned them."""
        return {name: math.inf if value is None else value for name, value in self.metrics.items()}

    def made_by_other_code(self, modules):
        """Whether these modules, or what they import, have changed since, and nobody tried that it doesn't matter."""
        return code_digest(tuple(sorted(modules))) not in {self.environment.get("code"), *self.alike}

    def line(self, above=None):
        """As it stands in a file, below the line of the record `above`: seed, metrics, and what differs."""
        before = asdict(above) if above else {}
        said = {
            name: value
            for name, value in asdict(self).items()
            if name in {"seed", "metrics"} or name not in before or before[name] != value
        }
        return json.dumps(said, ensure_ascii=False, allow_nan=False)


class Records:
    """The records of all files *.jsonl of some folders; of several of one place and data set the first counts.

    Raises RecordError, which names the file and the line, for what is no record.
    """

    def __init__(self, *folders):
        self._by_place = {}
        for path in (path for folder in folders for path in sorted(Path(folder).glob("*.jsonl"))):
            for record in records_in(path):
                self._by_place.setdefault(record.place, {}).setdefault((record.data or {}).get("name"), record)

    def of_trial(self, name):
        """All records of a trial function."""
        return [record for found in self._by_place.values() for record in found.values() if record.trial == name]

    def find(self, arm, seed, data=None):
        """The record of an arm's trial, or None. data: the name of the data set that it must have been made on."""
        found = self._by_place.get(_place(arm.trial, arm.recipe, seed), {})
        return found.get(data) if data else next(iter(found.values()), None)


def _place(trial, recipe, seed):
    return named(trial), json.dumps(named(recipe)), seed


def records_in(path):
    """The records of one file, in order; raises RecordError."""
    remedy = "restore the file, or take the line out"
    if why := unfit(path, LARGEST):
        raise RecordError(f"{path} is no file of records: it {why}; {remedy}")
    above = None
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            above = Record.read(line, above)
            yield above
        except (ValueError, TypeError, RecursionError) as error:
            raise RecordError(f"{path}, line {number}, is no record ({error!s:.100}): {remedy}") from error


def in_lines(records):
    """The text of a file of records."""
    records = list(records)
    return "".join(f"{one.line(above)}\n" for above, one in zip([None, *records], records, strict=False))
