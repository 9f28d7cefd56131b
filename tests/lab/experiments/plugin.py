"""pytest plugin: one laboratory for the run, its trial store, its seeds, and a line of progress on a terminal."""

import secrets
import time

import pytest

from lab.claims.collection import COURSE
from lab.claims.traceability import slug_of
from lab.device import NeedsDevice, torch_device
from lab.execution.clusters import chosen
from lab.execution.environment import EngineError
from lab.execution.processes import available_cores, start_server
from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from lab.experiments.null_audit import NullLaboratory
from lab.experiments.store import TrialStore

SEEDS_FROM, CLAIM = pytest.StashKey(), pytest.StashKey()


def pytest_configure(config):
    """Declared seeds start at 0; fresh ones anywhere, but for all worker processes of a run at the same place.

    An engine or a device that can't be had is refused here, before any test.
    """
    shared = getattr(config, "workerinput", {}).get("seeds_from")
    drawn = 10**6 + secrets.randbelow(2**30) if config.getoption("fresh_seeds") else 0
    config.stash[SEEDS_FROM] = drawn if shared is None else shared
    if not hasattr(config, "workerinput"):
        try:
            torch_device(config.getoption("device"))
            engine = _engine(config)
            if engine:
                engine.connect()
                engine.close()
        except (EngineError, NeedsDevice) as error:
            raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """A whole run trains: the imports of its workers go on beside the collection of its tests."""
    config, option = session.config, session.config.option
    whole = config.args_source == config.ArgsSource.TESTPATHS and not (option.markexpr or option.keyword)
    shared_out = hasattr(config, "workerinput") or getattr(option, "numprocesses", None) or option.engine != "local"
    if whole and not shared_out and not option.collectonly and available_cores() > 1:
        start_server()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Hand the first seed to an xdist worker."""
    node.workerinput["seeds_from"] = node.config.stash[SEEDS_FROM]


def pytest_runtest_setup(item):
    """Note whose progress is shown: the statement's number, or the test's name."""
    slug = slug_of(item)
    item.config.stash[CLAIM] = item.config.stash[COURSE][slug].id if slug else item.name


@pytest.fixture(scope="session")
def laboratory(request, data_dir, scale):
    """Runs the trials of arms; see lab.experiments.laboratory.Laboratory.

    Under xdist each of its processes trains by itself, or has the engine's workers take its jobs too.
    """
    config = request.config
    runner = Runner(workers=1 if hasattr(config, "workerinput") else None, engine=_engine(config))
    keep = config.pluginmanager.has_plugin("cacheprovider") and not config.getoption("fresh_seeds")
    path = config.rootpath / config.getini("cache_dir") / "d" / "trials.sqlite" if keep else None
    store = TrialStore(path, fresh=config.getoption("fresh"))
    kind = NullLaboratory if config.getoption("null_arms") else Laboratory
    laboratory = kind(data_dir.absolute(), scale, seeds_from=config.stash[SEEDS_FROM], runner=runner, store=store,
                      foreseen=() if kind is NullLaboratory else foreseen(request.session.items, scale),
                      progress=Progress(config), dry_run=config.getoption("dry_run"))
    yield laboratory
    laboratory.close()


def foreseen(items, scale):
    """The arms that the selected tests name, as parameters or as constants of their module, in order.

    A constant may be a tuple or dict of them, also by scale. None where cost is measured, which training beside it
    would spoil.
    """
    selected = [item for item in items if not item.get_closest_marker("skip")]
    if any(item.get_closest_marker("benchmark") or item.get_closest_marker("gpu") for item in selected):
        return []
    training = [item for item in selected if "laboratory" in getattr(item, "fixturenames", ())]
    named = [value for item in training for value in (
        *(item.callspec.params.values() if hasattr(item, "callspec") else ()),
        *map(item.function.__globals__.get, item.function.__code__.co_names))]
    return list(dict.fromkeys(_arms_in(named, scale)))


def _arms_in(value, scale):
    if isinstance(value, Arm):
        yield value
    elif isinstance(value, dict):
        yield from _arms_in(value.get(scale, list(value.values())), scale)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _arms_in(part, scale)


def _engine(config):
    sharing = getattr(config, "workerinput", {}).get("workercount", 1)
    return chosen(config.getoption("engine"), config.rootpath, sharing)


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
            self.terminal.write(f"\r\x1b[K{line[:self.terminal._tw.fullwidth - 1]}", flush=True)

    def _line(self, arms, seeds, cap, comparison):
        line = f"{self.stash.get(CLAIM, '')}: {' / '.join(arms)}: {seeds} of at most {cap} seeds"
        if comparison is None:
            return line
        low, high = comparison.interval
        left = (time.monotonic() - self.began) / seeds * (cap - seeds)
        return f"{line}, {comparison.metric} differs by [{low:.3g}, {high:.3g}], at most {left:.0f} s more"
