"""A line of progress on a terminal, while a comparison adds seeds."""

import time

import pytest

CLAIM = pytest.StashKey()  # whose progress is shown: the statement's number, or the test's name


class Progress:
    """Rewrites one line while a comparison adds seeds; silent under -q, and where nobody watches (no terminal)."""

    def __init__(self, config):
        self.terminal = config.pluginmanager.get_plugin("terminalreporter")
        self.capture = config.pluginmanager.get_plugin("capturemanager")
        self.stash, self.began = config.stash, time.monotonic()

    def __call__(self, arms, seeds, cap, comparison):
        if comparison is None:
            self.began = time.monotonic()
        if self.terminal is None or not self.terminal.isatty or self.terminal.verbosity < 0:
            return
        over = comparison is not None and comparison.verdict != "undecided"
        line = "" if over else self._line(arms, seeds, cap, comparison)
        with self.capture.global_and_fixture_disabled():
            self.terminal.write(f"\r\x1b[K{line[: self.terminal._tw.fullwidth - 1]}", flush=True)

    def _line(self, arms, seeds, cap, comparison):
        line = f"{self.stash.get(CLAIM, '')}: {' / '.join(arms)}: {seeds} of at most {cap} seeds"
        if comparison is None:
            return line
        low, high = comparison.interval
        left = (time.monotonic() - self.began) / seeds * (cap - seeds)
        return f"{line}, {comparison.metric} differs by [{low:.3g}, {high:.3g}], at most {left:.0f} s more"
