"""Is each task proven: does the solution earn every point, and each wrong answer lose its task's, with its own hint?"""

import shutil

import pytest

from lab.claims.course import read
from lab.students.exercises import EXERCISES
from lab.students.proofs import unproven, wrong_answers
from selfcheck.small_lecture import ROOT
from selfcheck.students.handed_in import graded_here

COURSE = read(ROOT / "tests/course.toml")
FOLDER = ROOT / "tests/students"
WRONG = [pytest.param(task, slug, path, id=f"{task.adapter}, {slug}")
         for task in COURSE.tasks for slug, path in wrong_answers(FOLDER, task.adapter).items()]


@pytest.fixture
def solution():
    """Text of the solution's adapters.py."""
    return (FOLDER / "solution/adapters.py").read_text(encoding="utf-8")


def test_the_solution_earns_every_point(solution):
    found = graded_here(solution, COURSE.tasks)

    assert {adapter: grade.word for adapter, grade in found.items() if grade.word != "full"} == {}


@pytest.mark.parametrize("task, slug, path", WRONG)
def test_a_wrong_answer_loses_exactly_its_tasks_points_with_its_own_hint(task, slug, path, solution):
    found = graded_here(solution + path.read_text(encoding="utf-8"), COURSE.tasks)
    lost = {adapter: grade.hint and grade.hint.slug for adapter, grade in found.items() if grade.word != "full"}

    assert lost == {task.adapter: slug} and found[task.adapter].score < task.points


def test_the_stub_hands_nothing_in():
    found = graded_here((FOLDER / "adapters.py").read_text(encoding="utf-8"), COURSE.tasks)

    assert {grade.word for grade in found.values()} == {"not handed in"} and set(found) == set(EXERCISES)


@pytest.fixture
def answers(tmp_path):
    """A copy of stub, solution and wrong answers, to take something away from."""
    return shutil.copytree(FOLDER, tmp_path / "students")


def test_every_task_is_proven(answers):
    assert list(unproven(COURSE, answers)) == []


@pytest.mark.parametrize("taken, sentence", [
    pytest.param("solution/attention.py", "task E9.1a has no solution; add squeeze_excitation", id="a solution"),
    pytest.param("wrong/eca/*", "task E9.1c has fewer than 2 wrong answers; add some", id="wrong answers"),
    pytest.param("wrong/eca/gates_alone.py", "task E9.1c: gates-alone is a hint or a wrong answer only", id="one"),
    pytest.param("adapters.py", "adapters.py has no count_conv_parameters, which task L2.1 asks for", id="the stub"),
])
def test_a_task_without_its_proof_is_told(answers, taken, sentence):
    for path in answers.glob(taken):
        path.unlink()

    assert any(problem.startswith(sentence) for problem in unproven(COURSE, answers))


def test_answers_that_are_kept_apart_are_not_asked_for(answers):
    for name in ("solution", "wrong"):
        shutil.rmtree(answers / name)

    assert list(unproven(COURSE, answers)) == []
