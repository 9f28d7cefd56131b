"""Which figures a claim shows, in which order."""

import re

from lab.report.language.words import mark

CASE = re.compile(r"(?P<function>.*?\.py::[^\[]+)\[(?P<case>.*)\]", re.DOTALL)


def split(nodeid):
    """(function's nodeid, case in words) of a test's nodeid."""
    parts = CASE.fullmatch(nodeid)
    return (parts["function"], parts["case"]) if parts else (nodeid, "")


def shown(tests):
    """(figure, case) of a claim, each figure once; of a near-miss, only figures whose title no case has."""
    found, titles = {}, set()
    for test in sorted(tests, key=lambda test: test["role"]):  # cases come before counterexamples
        for figure in of_test(test):
            if test["role"] == "case" or figure["title"] not in titles:
                found.setdefault(repr(figure), (figure, split(test["nodeid"])[1]))
        titles |= {figure["title"] for figure in of_test(test)} if test["role"] == "case" else set()
    return found.values()


def of_test(test):
    """The figures that a test recorded, and one of its experiment."""
    trial = test["experiment"]
    for figure in test["figures"]:
        yield _in_order(figure, trial["arms"]) if trial and isinstance(figure.get("series"), dict) else figure
    if trial and trial.get("differences") and test["role"] == "case":
        wanted = ("arms", "differences", "interval", "margin", "mean", "metric", "rule")
        yield {
            "kind": "differences",
            "title": mark("Every trial, and the paired differences"),
            **{name: trial.get(name) for name in wanted},
        }


def _in_order(figure, arms):
    """The figure with its lines in the arms' order, so that an arm has one colour in all drawings of a test."""
    first = {name: figure["series"][name] for name in arms if name in figure["series"]}
    return {**figure, "series": {**first, **figure["series"]}}
