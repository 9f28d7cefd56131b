"""pytest plugin: one laboratory for the run, its trial store, its seeds, and a line of progress on a terminal."""

import inspect
import secrets

import pytest

from lab.claims.collection import COURSE
from lab.claims.outcomes import COURSE_SCALE
from lab.claims.plugin import ABSENT, RECORDS
from lab.claims.traceability import slug_of
from lab.device import all_like, describe, torch_device
from lab.errors import NeedsDevice
from lab.execution.dask_cluster import chosen
from lab.execution.environment import EngineError
from lab.execution.processes import Devices, available_cores, start_server
from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.course_results import DryRun
from lab.experiments.laboratory import Laboratory
from lab.experiments.null_audit import NullLaboratory
from lab.experiments.progress import CLAIM, Progress
from lab.experiments.recorded import RecordedLaboratory
from lab.experiments.recorder import Keeping, Recorder
from lab.experiments.records import FOLDER, RecordError, Records
from lab.experiments.store import TrialStore
from lab.experiments.untrained_audit import UntrainedLaboratory

SEEDS_FROM, RECORDER = pytest.StashKey(), pytest.StashKey()
AUDITS = {"null_arms": NullLaboratory, "untrained_arms": UntrainedLaboratory}
TEN_EPOCHS = f"{COURSE_SCALE}: each seed trains for ten epochs, a minute or more on a GPU"


def pytest_addoption(parser):
    """Who trains what, from which seeds."""
    group = parser.getgroup("lecture")
    group.addoption(
        "--engine", default="local", metavar="ENGINE", help="who trains: local or dask=tcp://host:port (default: local)"
    )
    group.addoption("--dry-run", action="store_true", help="two steps of each net of the course results, on any device")
    group.addoption("--fresh-seeds", action="store_true", help="draw new seeds instead of the declared ones")
    group.addoption("--fresh", action="store_true", help="train again what the trial store already holds")
    group.addoption(
        "--record", metavar="DIR", help="keep trials that take minutes or data in DIR, and show what it holds"
    )
    group.addoption("--null-arms", action="store_true", help="audit: make the arms of every comparison equal")
    group.addoption("--untrained-arms", action="store_true", help="audit: compare nets that were never trained")


def pytest_configure(config):
    """Declared seeds start at 0; fresh ones anywhere, but for all worker processes of a run at the same place.

    An engine or a device that can't be had is refused here, before any test.
    """
    shared = getattr(config, "workerinput", {}).get("seeds_from")
    drawn = 10**6 + secrets.randbelow(2**30) if config.getoption("fresh_seeds") else 0
    config.stash[SEEDS_FROM] = drawn if shared is None else shared
    folder = config.getoption("record")
    try:
        device = torch_device(config.getoption("device"))
        config.stash[RECORDER] = Recorder(folder, _machine(device)) if folder else None
    except (NeedsDevice, RecordError) as error:
        raise pytest.UsageError(str(error)) from error
    if not hasattr(config, "workerinput"):
        try:
            engine = _engine(config)
            if engine:
                engine.connect()
                engine.close()
        except EngineError as error:
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
def laboratory(request):
    """Runs the trials of arms; see lab.experiments.laboratory.Laboratory.

    Under xdist each of its processes trains by itself, or has the engine's workers take its jobs too.
    """
    config = request.config
    runner = Runner(workers=1 if hasattr(config, "workerinput") else None, engine=_engine(config))
    keep = config.pluginmanager.has_plugin("cacheprovider") and not config.getoption("fresh_seeds")
    path = config.rootpath / config.getini("cache_dir") / "d" / "trials.sqlite" if keep else None
    prefetch = () if auditing(config) else arms_to_come(request.session.items, config.getoption("scale"))
    laboratory = _laboratory(config, runner, TrialStore(path, fresh=config.getoption("fresh")), prefetch=prefetch)
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session")
def records(request):
    """Trials made before, which take minutes, or data: those of the project, and those of --record=DIR."""
    folder = request.config.getoption("record")
    return Records(FOLDER, *([folder] if folder else []))


@pytest.fixture(scope="session")
def trainers(request, laboratory):
    """What trains the course's own results: all GPUs, each a seed at a time, or the laboratory."""
    device = torch_device(request.config.getoption("device"))
    if device.type == "cpu":
        yield laboratory
        return
    on_gpus = _laboratory(request.config, Runner(engine=Devices(all_like(device))), laboratory.store)
    yield on_gpus
    on_gpus.close()


@pytest.fixture
def course_laboratory(request, laboratory):
    """Compares the course's own results: those that this run trains, or recorded ones; under --dry-run two steps."""
    config, item = request.config, request.node
    if config.getoption("dry_run"):
        return DryRun(torch_device(config.getoption("device")))
    absent = item.stash.get(ABSENT, "")
    if not auditing(config) and (absent or config.getoption("scale") != "course"):
        item.stash[RECORDS] = RecordedLaboratory(request.getfixturevalue("records"), absent or TEN_EPOCHS)
        return item.stash[RECORDS]
    if absent:
        pytest.skip(absent)
    trainers, recorder = request.getfixturevalue("trainers"), config.stash[RECORDER]
    return Keeping(trainers, recorder) if recorder else trainers


def auditing(config):
    """The audit's laboratory that the run compares in, if one is asked for."""
    return next((kind for audit, kind in AUDITS.items() if config.getoption(audit)), None)


def _laboratory(config, runner, store, **options):
    recorder = config.stash[RECORDER]
    return (auditing(config) or Laboratory)(
        config.getoption("data_dir").absolute(),
        config.getoption("scale"),
        runner=runner,
        store=store,
        seeds_from=config.stash[SEEDS_FROM],
        progress=Progress(config),
        record=recorder and (lambda task, *trial: task.time_limit and recorder(task, *trial)),
        **options,
    )


def arms_to_come(items, scale):
    """The arms among the parameters of the selected tests, in order: of their cases, and the defaults of their own.

    A parameter may be a tuple or dict of them, also by scale. None where cost is measured, which training beside it
    would spoil, and none that trains for long.
    """
    selected = [item for item in items if not item.get_closest_marker("skip") and ABSENT not in item.stash]
    if any(item.get_closest_marker("benchmark") or item.get_closest_marker("gpu") for item in selected):
        return []
    training = [item for item in selected if "laboratory" in getattr(item, "fixturenames", ())]
    named = [
        value
        for item in training
        for value in (
            *(item.callspec.params.values() if hasattr(item, "callspec") else ()),
            *(parameter.default for parameter in inspect.signature(item.function).parameters.values()),
        )
    ]
    return [arm for arm in dict.fromkeys(_arms_in(named, scale)) if not arm.time_limit]


def _arms_in(value, scale):
    if isinstance(value, Arm):
        yield value
    elif isinstance(value, dict):
        yield from _arms_in(value.get(scale, list(value.values())), scale)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _arms_in(part, scale)


def _machine(device):
    found = describe(device)
    return f"{found['device']}, {found['software']}"


def _engine(config):
    return chosen(config.getoption("engine"), sharing=getattr(config, "workerinput", {}).get("workercount", 1))
