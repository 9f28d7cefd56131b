"""A claim's cases as its table shows them: one row each where all measured the same quantity."""

from lab.report.figures.shown import split
from lab.report.language.measures import measure
from lab.report.language.numbers import column

PASSING = {"HOLDS", "CAUGHT"}
QUANTITY = ("what", "convention", "source", "unit")


def case(test):
    """A test with what its rows of the table need."""
    return {
        **test,
        "name": split(test["nodeid"])[1],
        "passing": test["outcome"] in {*PASSING, "RECORDED"},
        "trials": _trials(test["experiment"]),
    }


def quantity(tests):
    """A row that tells the one quantity that every test measured, without trials; None where there is no such one."""
    measured = [test for test in tests if test["evidence"]]
    quantities = {tuple(row[name] for name in QUANTITY) for test in measured for row in test["evidence"]}
    alone = all(len(test["evidence"]) == 1 and not test["experiment"] for test in measured)
    return measured[0]["evidence"][0] if len(quantities) == 1 and alone else None


def absence(tests):
    """The reason for which none of these tests ran, where they share it; else ""."""
    reasons = {test["reason"] if test["outcome"] == "NOT RUN" else "" for test in tests}
    return reasons.pop() if len(reasons) == 1 else ""


def _trials(trial):
    """Rows of an experiment's table, each seed with every arm's value."""
    if not trial:
        return None
    recipes = [recipe for recipe in trial["recipe"].values() if isinstance(recipe, dict)]
    common = {
        key: value
        for key, value in (recipes or [{}])[0].items()
        if all(key in recipe and recipe[key] == value for recipe in recipes)
    }
    own = {
        name: {key: value for key, value in recipe.items() if key not in common}
        for name, recipe in trial["recipe"].items()
        if isinstance(recipe, dict)
    }
    how = measure(trial["metric"])
    told = [*map(how.trials, trial["arms"].values())]
    told += [how.shown(trial["differences"])] if trial.get("differences") else []
    return {
        "differences": None,
        **trial,
        "measure": how,
        "diverged": {name: runs for name, runs in (trial.get("diverged") or {}).items() if runs},
        "common": common,
        "own": {name: recipe for name, recipe in own.items() if recipe},
        "machine": {name: text for name, text in trial["recipe"].items() if not isinstance(text, dict)},
        "rows": list(zip(map(str, trial["seeds"]), *map(column, told))),
    }
