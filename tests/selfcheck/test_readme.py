"""The README's worked example and commands, tried as they stand there."""

import re
from collections import Counter
from pathlib import Path

import pytest

from lab.claims.course import ORIGINS, read
from lab.report.language.catalogue import translated
from lab.report.language.words import VERDICTS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def test_the_worked_example_runs_as_written(lecture):
    statement = next(text for language, text in BLOCKS if language == "toml")
    example = next(text for language, text in BLOCKS if language == "python" and "bias-adds-one" in text)
    project = lecture(example, edit=("[[section.statement]]", f"{statement}\n[[section.statement]]"))

    project.runpytest("-k", "bias_adds").assert_outcomes(passed=1, xfailed=1)


def test_every_option_that_the_readme_names_exists(runs, tmp_path):
    """In a run of its own, for this one may have been started without some of pytest's plugins."""
    runs.run(tmp_path, "--help", project=ROOT)
    told = (tmp_path / "terminal.txt").read_text(encoding="utf-8")
    named, known = set(re.findall(r"`(--[a-z-]+)", README)), set(re.findall(r"--[a-z-]+", told))

    assert len(named) > 10 and named - known == {"--junitxml"}      # which --help has under its other name


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.]*)`", README))))
def test_every_path_that_the_readme_names_exists(path):
    assert (ROOT / path).exists()


def test_the_readme_counts_the_statements_by_origin():
    counts = Counter(statement.origin for statement in read(ROOT / "tests/course.toml").statements)
    told = re.search(r"(\d+) statements of the notes, (\d+) of the notebooks, (\d+) of papers and (\d+) of ours",
                     " ".join(README.split()))

    assert {origin: int(told[place]) for place, origin in enumerate(ORIGINS, 1)} == counts


def test_the_readme_tells_every_verdict():
    assert [word for word in VERDICTS if not re.search(rf"\| {word} \||\*{word}\*", " ".join(README.split()))] == []


def test_the_chinese_readme_has_the_same_commands_options_and_counts():
    chinese = (ROOT / "reports/README.zh.md").read_text(encoding="utf-8")
    counts = Counter(statement.origin for statement in read(ROOT / "tests/course.toml").statements)
    section = README[README.index("## Data, scale and options"):README.index("## For students")]
    options = set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE))
    commands = [text for language, text in BLOCKS if language == "sh"][:2]

    assert re.findall(r"```sh\n(.*?)```", chinese, re.DOTALL) == commands
    assert len(options) > 10 and {option for option in options if option not in chinese} == set()
    assert [int(count) for count in re.findall(r"的 (\d+) 条", chinese)[:4]] == [counts[origin] for origin in ORIGINS]
    assert [word for word in VERDICTS if translated(word, "zh") not in chinese] == []
    assert "reports/README.zh.md" in README
