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
COST = "a measurement of cost"  # and so that of a test which -m must ask for
ADDING = COURSE_SCALE, NEEDS_CUDA


def gravest(found, word):
    """The first of those of `found` whose outcome, word(one), is the gravest."""
    return min(found, key=lambda one: list(WORDS).index(word(one)))


def waited_for(tests):
    """Of a statement's tests, as evidence.json has them, those that its verdict waits for.

    What only the course scale trains, or trained once, adds to what other nets have shown already, and so does a GPU to
    a comparison of costs on a processor; what was trained once has shown it where nothing else has, if all cases of its
    claim were. Where there are no others, all count.
    """
    long, adding = ([test for test in tests if lacking(test).startswith(told)] for told in (COURSE_SCALE, ADDING))
    answered = {_function(test) for test in long if test["outcome"] == "RECORDED"}
    for added in adding, [test for test in long if test["outcome"] == "NOT RUN" and _function(test) not in answered]:
        others = [test for test in tests if test not in added]
        if any(test["experiment"] for test in others):
            return others
    return tests


def _function(test):
    return test["nodeid"].partition("[")[0]


def lacking(test):
    """What the run lacks that a test, as evidence.json has it, asks for; else why it ended as it did, "" if well."""
    return test.get("lacking", test["reason"])
