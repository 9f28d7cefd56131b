"""What can come of a test, in the words of the report, and what comes of several reports of one test."""

WORDS = {  # the gravest first: letter under -q, colour
    "BROKEN": ("B", "red"),
    "MISSED": ("M", "red"),
    "FAILS": ("F", "red"),
    "UNDECIDED": ("U", "yellow"),
    "NOT RUN": ("s", "yellow"),
    "HOLDS": (".", "green"),
    "CAUGHT": ("c", "green"),
}
FAILED = {"BROKEN", "MISSED", "FAILS"}  # the statement is not reproduced


def gravest(found, word):
    """The first of those of `found` whose outcome, word(one), is the gravest."""
    return min(found, key=lambda one: list(WORDS).index(word(one)))
