"""Honesty audit: do the trained verdicts survive new seeds, and is nothing confirmed where nothing is?

    cd tests && python -m selfcheck.experiments.honesty_audit --runs 50 --keep audit.jsonl [--data-dir=DIR -k shuffled]

with pytest's options at the end, runs `pytest -m trained --fresh-seeds` until the file holds so many runs (a stopped
audit goes on where it was), names the tests with another outcome than the declared seeds' (of equal arms, those with a
confirmed gain), and prints a table in Markdown: claim, verdicts by count, pairs to the verdict (median and 90 %),
seconds. Two columns say how often of RESAMPLED experiments, drawn from the trials of the audit, nothing would have been
confirmed as something: with the differences moved so that their mean (for signs their median) lies exactly on the
margin; and with trials of the first arm in the place of every arm, where equal arms make the claim false. With --null
equal arms are really trained.
"""

import argparse
import collections
import json
import random
import statistics
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

from lab.statistics.decisions import RULES

ROOT = Path(__file__).parents[3]
RESAMPLED, MOST_PAIRS = 200, 48     # experiments drawn for each claim; pairs in one


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--keep", type=Path, required=True, metavar="FILE", help="one line of JSON a run; added to")
    parser.add_argument("--null", action="store_true", help="make the arms of every comparison equal")
    known, options = parser.parse_known_args()
    known.keep.touch()
    for number in range(len(known.keep.read_text(encoding="utf-8").splitlines()), known.runs):
        tests = one_run(["--null-arms"] * known.null + options)
        with known.keep.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(tests) + "\n")
        told = [test["nodeid"] for test in tests if (
            test["experiment"]["verdict"] == "confirmed" if known.null else test["outcome"] not in {"HOLDS", "CAUGHT"})]
        print(f"run {number + 1} of {known.runs}", *told, sep="\n  ", file=sys.stderr, flush=True)
    audit = collections.defaultdict(list)
    for line in known.keep.read_text(encoding="utf-8").splitlines():
        for test in json.loads(line):
            audit[test["nodeid"]].append(test)
    for row in table(audit):
        print(row, flush=True)


def one_run(options):
    """The tests of one run that compared arms, as evidence.json has them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-m", "trained", "--fresh-seeds", f"--report-dir={folder}"]
        shown = subprocess.run(command + options, capture_output=True, text=True, cwd=ROOT)
        try:
            tests = json.loads((Path(folder) / "evidence.json").read_text(encoding="utf-8"))["tests"]
        except FileNotFoundError:
            sys.exit(shown.stdout[-2000:] + shown.stderr[-2000:])
    return [{key: test[key] for key in ("nodeid", "outcome", "duration_s", "experiment")}
            for test in tests if test["experiment"]]


def table(audit):
    """Rows of Markdown: one a test, its outcomes and verdicts counted."""
    yield "| test | outcomes | verdicts | margin | n median | n 90 % | seconds | on the margin | equal arms |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for nodeid, tests in audit.items():
        experiments = [test["experiment"] for test in tests]
        sizes = sorted(experiment["n"] for experiment in experiments)
        yield " | ".join([
            "| " + nodeid.split("::")[1].replace("|", "/"), counted(test["outcome"] for test in tests),
            counted(experiment["verdict"] for experiment in experiments),
            f"{experiments[0]['rule']} {experiments[0]['margin']:g}", f"{statistics.median(sizes):g}",
            str(sizes[-(-len(sizes) * 9 // 10) - 1]), f"{sum(test['duration_s'] for test in tests) / len(tests):.1f}",
            confirmed(experiments, on_the_margin(experiments)),
            f"{confirmed(experiments, equal_arms(experiments)) if false_of_equal_arms(experiments[0]) else 'true'} |"])


def rule_of(experiment):
    """Its name in RULES; a comparison without variance had the signs decide, whatever it was asked for."""
    return next((name for name in ("equivalence", "sign") if experiment["rule"].startswith(name)), "gain")


def false_of_equal_arms(experiment):
    """Whether the claim would be wrong if its arms were the same."""
    return rule_of(experiment) != "equivalence" and experiment["margin"] >= 0


def on_the_margin(experiments):
    """Endless differences: the audit's, moved so that the claim is just not true."""
    differences = [d for experiment in experiments for d in experiment["differences"]]
    centre = statistics.median(differences) if "sign" in experiments[0]["rule"] else statistics.fmean(differences)
    edge = experiments[0]["margin"] + (1e-6 if rule_of(experiments[0]) == "equivalence" else 0)    # itself still within
    draw = random.Random(0)
    while True:
        yield draw.choice(differences) - centre + edge


def equal_arms(experiments):
    """Endless differences between arms that are all the first one, from other seeds in each arm's place."""
    first, *_ = experiments[0]["weights"]
    values = [value for experiment in experiments for value in experiment["arms"][first]]
    draw = random.Random(0)
    while True:
        yield sum(weight * draw.choice(values) for weight in experiments[0]["weights"].values())


def confirmed(experiments, differences):
    """How many of RESAMPLED experiments on these differences confirm, in words."""
    first, count = experiments[0], 0
    decide = RULES[rule_of(first)]
    for _ in range(RESAMPLED):
        drawn = list(islice(differences, MOST_PAIRS))
        verdicts = (decide(drawn[:n], first["margin"], first["alpha"], 0.0).verdict for n in range(5, MOST_PAIRS + 1))
        count += next((verdict for verdict in verdicts if verdict != "undecided"), None) == "confirmed"
    return f"{count} of {RESAMPLED}"


def counted(words):
    """"HOLDS 49, UNDECIDED 1"."""
    return ", ".join(f"{word} {count}" for word, count in collections.Counter(words).most_common())


if __name__ == "__main__":
    main()
