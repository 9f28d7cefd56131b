"""Trials that need not be trained twice: one checksummed row a trial, in an sqlite file.

A row is written the moment its trial arrives and found again only by the same code, recipe, seed, data and machine. The
store is a convenience: whatever is wrong with it costs a warning and some training, never a verdict.
"""

import hashlib
import json
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

from lab.errors import LabError


class FlakyReplay(LabError):
    """A stored trial, run again, gave other values: stored and new trials can't be compared."""


class TrialStore:
    """Results by key; `path` None keeps nothing. `fresh` keeps results but finds none from before.

    `damaged` names what was found broken and is trained again.
    """

    def __init__(self, path, fresh=False):
        self.path, self.fresh, self.damaged = path and Path(path), fresh, []
        if self.path:
            self._attempt(self._prepare)

    def get(self, key):
        """The result stored under `key`, or None; a row whose checksum is wrong is named, dropped and None."""
        if self.fresh or not self.path:
            return None
        row = self._attempt(
            lambda db: db.execute("SELECT arm, seed, result, checksum FROM trials WHERE key = ?", (key,)).fetchone()
        )
        if row is None:
            return None
        arm, seed, result, checksum = row
        if checksum != _digest(key, result):
            self._damage(f"the stored trial of {arm}, seed {seed}, is damaged; it's trained again")
            self._attempt(lambda db: db.execute("DELETE FROM trials WHERE key = ?", (key,)))
            return None
        return json.loads(result)

    def put(self, key, arm, seed, result):
        """Keep a result: numbers and lists of numbers by name."""
        if self.path:
            text = json.dumps(result)
            row = (key, arm, seed, text, _digest(key, text))
            self._attempt(lambda db: db.execute("INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?)", row))

    def _prepare(self, db):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(
            "CREATE TABLE IF NOT EXISTS trials (key TEXT PRIMARY KEY, arm TEXT, seed INTEGER, result TEXT, "
            "checksum TEXT)"
        )

    def _attempt(self, work, again=True):
        """Do `work(connection)` in a transaction; a broken file is moved aside once, anything else closes the store."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=30)) as db, db:
                return work(db)
        except (sqlite3.Error, OSError) as error:
            broken = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
            if broken and again and self._move_aside():
                return self._attempt(lambda db: (self._prepare(db), work(db))[1], again=False)
            self._damage(f"the trial store {str(self.path)!r} can't be used ({error}); this run keeps no trials")
            self.path = None
            return None

    def _move_aside(self):
        number = next(n for n in range(1, 10_000) if not Path(f"{self.path}.broken-{n}").exists())
        try:
            for suffix in ("", "-wal", "-shm"):
                part = Path(f"{self.path}{suffix}")
                if part.exists():
                    part.rename(f"{self.path}.broken-{number}{suffix}")
        except OSError:
            return False
        self._damage(f"the trial store was broken, is kept as {self.path.name}.broken-{number}; its trials run again")
        return True

    def _damage(self, what):
        self.damaged.append(what)
        warnings.warn(what, stacklevel=4)


def trial_key(task, seed):
    """Changes with everything that the result may depend on."""
    return _digest(json.dumps([task.environment, named(task.arm.trial), named(task.arm.recipe), seed]))


def named(value):
    """Plain data in which functions and classes stand by their name."""
    if isinstance(value, dict):
        return {key: named(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [named(item) for item in value]
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else value


def _digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
