"""The exercises by the name of the adapter, each with its calls, its right answer and the known misconceptions."""

from lab.students.exercises.attention import ATTENTION
from lab.students.exercises.blocks import BLOCKS
from lab.students.exercises.counting import COUNTING
from lab.students.exercises.images import IMAGES
from lab.students.exercises.residual import RESIDUAL

EXERCISES = {**COUNTING, **IMAGES, **BLOCKS, **RESIDUAL, **ATTENTION}

__all__ = ["EXERCISES"]
