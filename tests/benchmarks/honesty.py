"""Honesty audit: do the trained verdicts survive new seeds, and is nothing confirmed where nothing is?

    python tests/benchmarks/honesty.py --runs 50 [--null] [options for pytest, e.g. --data-dir=DIR -k shuffled]

runs `pytest -m trained --fresh-seeds` again and again and prints a table in Markdown: claim, verdict by count, pairs to
the verdict (median and 90 %), seconds. With --null the arms of every comparison are equal: no gain may be confirmed.
"""

import argparse
import collections
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--null", action="store_true", help="make the arms of every comparison equal")
    known, options = parser.parse_known_args()
    audit = collections.defaultdict(list)
    for number in range(known.runs):
        for test in one_run(["--null-arms"] * known.null + options):
            audit[test["nodeid"]].append(test)
        print(f"\rrun {number + 1} of {known.runs}", end="", file=sys.stderr, flush=True)
    print("\n" + "\n".join(table(audit)))


def one_run(options):
    """The tests of one run that compared arms, as evidence.json has them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-m", "trained", "--fresh-seeds", f"--report-dir={folder}"]
        shown = subprocess.run(command + options, capture_output=True, text=True)
        try:
            tests = json.loads((Path(folder) / "evidence.json").read_text(encoding="utf-8"))["tests"]
        except FileNotFoundError:
            sys.exit(shown.stdout[-2000:] + shown.stderr[-2000:])
    return [test for test in tests if test["experiment"]]


def table(audit):
    """Rows of Markdown: one a test, its outcomes and verdicts counted."""
    yield "| test | outcomes | verdicts | margin | n median | n 90 % | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for nodeid, tests in audit.items():
        experiments = [test["experiment"] for test in tests]
        sizes = sorted(experiment["n"] for experiment in experiments)
        yield " | ".join([
            "| " + nodeid.split("::")[1].replace("|", "/"), counted(test["outcome"] for test in tests),
            counted(experiment["verdict"] for experiment in experiments),
            f"{experiments[0]['rule']} {experiments[0]['margin']:g}", f"{statistics.median(sizes):g}",
            str(sizes[-(-len(sizes) * 9 // 10) - 1]), f"{sum(test['duration_s'] for test in tests) / len(tests):.1f} |"])


def counted(words):
    """"HOLDS 49, UNDECIDED 1"."""
    return ", ".join(f"{word} {count}" for word, count in collections.Counter(words).most_common())


if __name__ == "__main__":
    main()
