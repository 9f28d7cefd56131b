"""A lecture of a few statements, written to a folder of its own, to try the plugin on good and bad claims."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

COURSE = """
[[section]]
id = "S"
en = "Sums"
zh = "求和"
finished = {finished}
[[section.statement]]
id = "S1"
slug = "two-and-two"
en = "Two and two are four."
zh = "二加二得四。"
kind = ["exact"]
recorded = "confirmed"
origin = "ours"
[[section.statement]]
id = "S2"
slug = "two-and-three"
en = "Two and three are six."
zh = "二加三得六。"
kind = ["exact"]
recorded = "refuted"
origin = "ours"
correction = {{ en = "They are five.", zh = "得五。" }}
"""

CLAIMS = '''
import pytest
from lab.claims import claim, counterexample


@claim("two-and-two")
@pytest.mark.parametrize("b", [
    pytest.param(2, id="two"),
    pytest.param(3, id="three", marks=counterexample("two and three are five")),
])
def test_two_and_two(b, evidence):
    """Two and two are four."""
    evidence.measured("sum", 2 + b, expected=4)

    assert 2 + b == 4
'''

TRAINED = '''
import pytest
from lab.claims import claim, counterexample
from lab.experiments import Arm
from lab.models.small.narrow_vgg import ShallowVGG
from lab.models.small.shuffled import FullyConnected
from selfcheck.sample_trials import noted

RECIPE = dict(lr=0.05, momentum=0.9, tested=100)
LONG = Arm("long", noted, log="long.log", model=ShallowVGG, steps=20, **RECIPE)         # its seeds train one by one
SHORT = Arm("short", noted, log="short.log", model=FullyConnected, steps=3, **RECIPE)   # its seeds train together


@claim("two-and-two")
@pytest.mark.parametrize("better, worse", [
    pytest.param(LONG, SHORT, id="long"),
    pytest.param(SHORT, LONG, id="short", marks=counterexample("three steps teach less than twenty")),
])
def test_longer_training_teaches_more(better, worse, laboratory, evidence):
    """Twenty steps teach a net more than three."""
    gain = laboratory.compare({better: 1, worse: -1}, "test accuracy", 0)
    evidence.experiment(gain)

    assert gain.verdict == "confirmed"
'''


def write_lecture(folder, claims=CLAIMS, finished=False, edit=("", "")):
    """A project in `folder`; `edit`: (old, new), made once in its course.toml."""
    (folder / "pytest.ini").write_text(
        "[pytest]\nstrict = true\naddopts = --import-mode=importlib -p lab -p no:hypothesispytest -p no:anyio\n"
        f"course = tests/course.toml\npythonpath = {ROOT / 'tests'}\n"
        "markers =\n  exact\n  trained\n  claim(slug)\n", encoding="utf-8")
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "tests").mkdir()
    course = COURSE.format(finished=str(finished).lower()).replace(*edit, 1)
    (folder / "tests/course.toml").write_text(course, encoding="utf-8")
    (folder / "tests/test_sums.py").write_text(claims, encoding="utf-8")
