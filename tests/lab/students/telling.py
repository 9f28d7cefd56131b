"""A grade in words, in either language: the hint first, then what came in the place of what should have come."""

from lab.report.language.catalogue import translated
from lab.students.grading import FULL

MOST_ROWS, MOST_VALUES, LONGEST = 6, 20, 120  # rows of a task, values of a tensor, letters of a value


def lines(grade, language):
    """Sentences and rows about a task, none where it is full."""
    told = [getattr(grade.hint, language)] if grade.hint else []
    told += [translated(grade.remark, language)] if grade.remark else []
    if grade.word == FULL:
        return told
    wrong = [row for row in grade.rows if not row.right]
    told += [row_line(row, language) for row in wrong[:MOST_ROWS]]
    return told


def row_line(row, language):
    """What was looked at: what came, what should have come."""
    value, expected = (translated(shown(part), language) for part in (row.value, row.expected))
    what = translated(row.what, language)
    return f"{what}：{value}，应为 {expected}" if language == "zh" else f"{what}: {value}, expected {expected}"


def word(grade, language):
    """full, partial, wrong, not handed in, or BROKEN."""
    return translated(grade.word, language)


def shown(value):
    """A value as text, no longer than a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if getattr(value, "ndim", 0) and value.numel() > MOST_VALUES:
        return f"values of the shape {list(value.shape)}"
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        parts = value.tolist() if hasattr(value, "tolist") else value
        text = f"[{', '.join(map(shown, parts))}]" if isinstance(parts, (list, tuple)) else shown(parts)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
