"""The line on a terminal while a comparison adds seeds: whose it is, how far it is, and when it is silent."""
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from lab.execution.runner import Runner
from lab.experiments.arms import Arm
from lab.experiments.laboratory import Laboratory
from lab.experiments.progress import CLAIM, Progress
from selfcheck.sample_trials import noisy


@pytest.fixture
def written(log):
    """written(isatty=True): what a comparison of two arms writes on such a terminal, screen by screen."""
    def compare(**properties):
        screens = []
        terminal = SimpleNamespace(**{"isatty": True, "verbosity": 0, **properties}, _tw=SimpleNamespace(fullwidth=200),
                                   write=lambda text, flush: screens.append(text.removeprefix("\r\x1b[K")))
        plugins = {"terminalreporter": terminal,
                   "capturemanager": SimpleNamespace(global_and_fixture_disabled=nullcontext)}
        config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=plugins.get), stash={CLAIM: "L9.9"})
        laboratory = Laboratory("nowhere", runner=Runner(1), progress=Progress(config))
        laboratory.compare({Arm("tall", noisy, log=log, mean=9.0): 1, Arm("small", noisy, log=log): -1}, "score", 1)
        return screens
    return compare


def test_the_line_names_claim_and_arms_and_tells_seeds_interval_and_time(written):
    first, *_, last_but_one, end = written()

    assert first == "L9.9: tall / small: 0 of at most 32 seeds"
    assert last_but_one.startswith("L9.9: tall / small: ") and "score differs by [" in last_but_one
    assert last_but_one.endswith(" s more") and end == ""


@pytest.mark.parametrize("terminal", [{"isatty": False}, {"verbosity": -1}], ids=["no terminal", "under -q"])
def test_it_is_silent_where_nobody_watches(written, terminal):
    assert written(**terminal) == []
