"""The student's page and the class's: what they show, in both languages, to everyone; and what they hide."""

import pytest

from lab.claims.course import read
from lab.students.grading import Graded
from lab.students.pages import class_page, submission_page
from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import TASKS, graded_here

COURSE = read(ROOT / "tests/course.toml")
HOSTILE = "<script>document.title='hacked'</script>"
EXACT = "def batches_in_epoch(samples, batch_size, drop_last=False):\n    return samples // batch_size\n"
BLOCK = (ROOT / "tests/students/wrong/residual_block/relu_before_the_addition.py").read_text(encoding="utf-8")
CHOSEN = [TASKS[name] for name in ("batches_in_epoch", "residual_block", "lenet")]


@pytest.fixture(scope="module")
def graded():
    """One task with a hint of numbers, one with a hint of modules, one not handed in."""
    return Graded(tuple(graded_here(EXACT + "\n\n" + BLOCK, CHOSEN).values()), (HOSTILE,), {}, printed=HOSTILE)


@pytest.fixture
def page(graded, opened, tmp_path):
    """The student's page in a browser."""
    (tmp_path / "index.html").write_text(submission_page(graded, COURSE, "en"), encoding="utf-8")
    return opened((tmp_path / "index.html").as_uri())


def test_the_page_shows_each_task_with_its_evidence(page):
    block = page.locator("[id='E6.1']")
    hint = next(hint for hint in TASKS["residual_block"].hints if hint.slug == "relu-before-the-addition")

    assert page.locator("article").count() == 3 and hint.en in block.inner_text()
    assert "wrong 0 / 4" in block.inner_text() and "partial 1" in page.inner_text("[id='E4.1']")
    assert block.locator("tbody tr").count() == 8 and block.locator(".FAILS").count() == 4
    assert "hacked" not in page.title() and HOSTILE in page.inner_text("body")


def test_the_page_switches_to_chinese_without_script(page):
    page.check("#lang-zh")

    assert "第二个 ReLU 放在了相加之前" in page.inner_text("[id='E6.1']") and "未提交" in page.inner_text("[id='E7.1']")


def test_the_page_keeps_nobody_out(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright",
                              reason="NOT RUN: pip install axe-playwright-python")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]

    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_the_page_hides_our_own_answers(graded):
    text = submission_page(graded, COURSE, "en")

    assert not any(word in text for word in ("import ", "basic_branch", "lab.models", "def "))


def test_the_class_page_counts_misconceptions_without_names(graded):
    students = {"Li Lei": graded, "Han Meimei": graded, "Wang": Graded(graded.grades[:1])}
    text, named = (class_page(students, CHOSEN, "en", named=named) for named in (False, True))

    assert text.index("The last batch is forgotten") < text.index("The second ReLU comes before the addition")
    assert "<td>3</td><td>100 %</td>" in text and "<td>2</td><td>67 %</td>" in text
    assert "Li Lei" not in text and "Li Lei, Han Meimei, Wang" in named
