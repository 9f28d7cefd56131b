"""What can come of a test, in the words of the report, and what comes of several reports of one test."""

WORDS = {  # the gravest first: letter under -q, colour
    "BROKEN": ("B", "red"),
    "MISSED": ("M", "red"),
    "FAILS": ("F", "red"),
    "UNDECIDED": ("U", "yellow"),
    "NOT RUN": ("s", "yellow"),
    "RECORDED": ("r", "cyan"),
    "HOLDS": (".", "green"),
    "CAUGHT": ("c", "green"),
}
FAILED = {"BROKEN", "MISSED", "FAILS"}  # the statement is not reproduced
UNMEASURED = {"NOT RUN", "RECORDED"}  # by this run
COURSE_SCALE = "needs --scale course"  # so begins the reason of a test that trains for minutes, and only if asked
NEEDS_CUDA = "needs a CUDA device"  # and so that of a test at sizes that only a GPU serves


def gravest(found, word):
    """The first of those of `found` whose outcome, word(one), is the gravest."""
    return min(found, key=lambda one: list(WORDS).index(word(one)))


def waited_for(tests):
    """Of a statement's tests, as evidence.json has them, those that its verdict waits for.

    What only the course scale trains, or trained once, adds to what other nets have shown already, and so does a GPU
    to a comparison of costs on a processor; where there are no others, all count.
    """
    adding = COURSE_SCALE, NEEDS_CUDA
    others = [test for test in tests if not test.get("lacking", test["reason"]).startswith(adding)]
    return others if any(test["experiment"] for test in others) else tests
