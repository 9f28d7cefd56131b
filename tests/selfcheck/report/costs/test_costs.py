"""The table of costs: the same numbers on the terminal, in costs.csv and on the page; renewed, kept and merged."""
import copy
import csv
import io
import json

import jsonschema
import pytest

from lab.report import page
from lab.report.costs.columns import of_this_run
from lab.report.costs.console import MOST, cost_lines
from lab.report.costs.csv_table import as_csv
from lab.report.files import ReportError
from lab.report.runs.fold import fold
from lab.report.runs.merge import merge
from lab.report.runs.reading import read
from lab.report.terminal import told, width
from selfcheck.cost_samples import cost, costs
from selfcheck.html_reader import told as text_of
from selfcheck.report_samples import SCHEMA


def say(language):
    def spoken(text, **values):
        return told(language, text, **values)
    return spoken


@pytest.fixture
def measured(old):
    """Evidence of a run that measured rows, too."""
    old["run"]["code"] = {"": "i1", "tests/benchmarks/test_throughput.py": "t1"}
    return {**old, "costs": costs()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_terminals_table_is_at_most_120_columns_wide(language):
    widest = [cost("A network with a very long name indeed", mode="bf16, channels_last, compiled", rate=123456.0,
                   p50=1234.5, p90=1234.5, p99=1234.5, sustained=True)]

    assert all(width(line) <= 120 for line in cost_lines(costs() + widest, say(language)))


def test_a_file_with_endless_numbers_is_shown_all_the_same():
    huge = dict.fromkeys(("rate", "milliseconds", "p50", "p90", "p99"), 1e24)

    assert len(list(cost_lines([cost(**huge)]))) == 2


def test_the_terminals_table_has_each_row_and_no_empty_column():
    head, first, *_ = cost_lines(costs())
    plain, *_ = cost_lines([cost(datasheet_flops=None, images_per_joule=None)])

    assert head.split() == ["network", "mode", "pass", "batch", "images/s", "ms", "MiB", "%", "peak", "%", "rated",
                            "images/J", "p50/p90/p99", "ms"]
    assert first.split() == ["ResNet-50", "float32", "forward", "64", "1000", "64", "512", "26.8", "13.4", "4"]
    assert "rated" not in plain and "images/J" not in plain and "p50" not in plain
    assert len(list(cost_lines(costs()))) == 1 + len(costs())
    assert any("4/4.5/8.25" in line for line in cost_lines(costs()))


def test_a_long_table_is_cut_on_the_terminal_and_says_where_the_rest_is():
    *_, last = cost_lines([cost(f"net {number}") for number in range(MOST + 7)])

    assert last == "7 more rows on the page and in costs.csv"


def test_the_spreadsheet_has_every_row_with_its_machine(measured):
    rows = list(csv.DictReader(io.StringIO(as_csv(measured).removeprefix("\ufeff"))))

    assert [row["network"] for row in rows] == ["ResNet-50"] * 4 + ["Inception of the course, 64 px", "U-Net",
                                                                   "ResNet-50"]
    assert float(rows[0]["percent_of_measured_peak"]) == pytest.approx(100 * 1000 * 2**30 / 4e12)
    assert (rows[2]["p99_ms"], rows[0]["p99_ms"], rows[5]["asked"]) == ("8.25", "", "8")
    assert {row["device"] for row in rows} == {"a GPU, 16.0 GiB"}


def test_files_are_written_where_there_are_rows_alone(measured, old, tmp_path):
    page.write(measured, tmp_path / "with")
    page.write({name: of for name, of in old.items() if name != "costs"}, tmp_path / "without")

    assert (tmp_path / "with/costs.csv").exists() and not (tmp_path / "without/costs.csv").exists()
    assert read(tmp_path / "with/evidence.json")["costs"] == measured["costs"]
    assert "sortable" not in (tmp_path / "without/index.html").read_text(encoding="utf-8")
    page.write({name: of for name, of in old.items() if name != "costs"}, tmp_path / "with")
    assert len((tmp_path / "with/costs.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_the_page_shows_rows_figures_and_what_others_published(measured):
    html = page.render(measured)
    text = text_of(html)

    assert "GeForce RTX 4090: 4,218 batch 1024; T4: 4,218" in text
    assert "4 no memory for 8" in text and "sensors: SM clock at least 900 MHz, 65 W" in text
    assert html.count("Networks under the roof") == 1
    assert "FLOPs and time, layer by layer" in text and "all others" in html    # dropout's share is too small to show
    jsonschema.validate(json.loads(page.as_json(measured)), SCHEMA)


def later(measured, rows):
    """A later run that measured these rows, and no test."""
    run = copy.deepcopy(measured)
    run["run"]["started"] = "2026-01-03T00:00:00+0100"
    for statement in run["statements"]:
        statement["unrun"] = [test["nodeid"] for test in run["tests"] if test["statement"] == statement["id"]]
    return {**run, "tests": [], "costs": rows}


def test_a_later_run_renews_its_rows_and_keeps_the_others(measured):
    renewed = cost(rate=1111.0)
    folded = fold(measured, later(measured, [renewed]))

    assert of_this_run(folded) == [{**renewed, "run": 1}]
    assert [row["nodeid"] for row in folded["costs"]] == [row["nodeid"] for row in costs()]
    assert all(row["stale"] == [] for row in folded["costs"] if row["run"] == 0)
    assert len(folded["tests"]) == len(measured["tests"])
    jsonschema.validate(json.loads(page.as_json(folded)), SCHEMA)


def test_rows_that_other_code_measured_are_stale_and_say_so(measured):
    run = later(measured, [])
    run["run"]["code"] = {**run["run"]["code"], "tests/benchmarks/test_throughput.py": "t2"}
    folded = fold(measured, run)

    assert all(row["stale"] == ["code"] for row in folded["costs"])
    assert "⟲ stale" in text_of(page.render(folded))


def test_a_run_of_all_tests_keeps_the_rows_that_an_earlier_one_measured(measured):
    run = {**copy.deepcopy(measured), "costs": []}
    run["run"]["cpu"] = "another processor"
    for statement in run["statements"]:
        statement["unrun"] = []
    folded = fold(measured, run)

    assert [row["run"] for row in folded["costs"]] == [0] * len(costs())
    assert {test["run"] for test in folded["tests"]} == {1}
    assert "Runs of different machines are merged" not in text_of(page.render(folded))


def test_two_machines_stand_side_by_side_with_their_ratio(measured):
    other = copy.deepcopy(measured)
    other["costs"] = [cost(rate=2500.0, device="another GPU"), cost("AlexNet", device="another GPU"),
                      {**cost("U-Net", batch=8, device="another GPU"), "stale": ["code"]}]
    merged = merge([measured, other], ["one.json", "other.json"], differing=True)
    html = page.render(merged)

    assert len(merged["costs"]) == len(costs()) + 3
    assert "Two machines side by side" in html
    [shared] = html.split('id="machines"')[1].split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert ">1,000<" in shared and ">2,500<" in shared and 'data-v="2.5">2.5<' in shared
    assert "one.json" in text_of(html) and "another GPU" in text_of(html)


def test_the_terminal_shows_two_merged_machines_side_by_side(lecture, measured, tmp_path):
    for name, rate in [("one", 1000.0), ("other", 2500.0)]:
        text = page.as_json({**measured, "costs": [cost(rate=rate), cost(name)]})
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    result = lecture().runpytest(f"--merge={tmp_path}/one.json", f"--merge={tmp_path}/other.json", "--merge-anyway")

    result.stdout.fnmatch_lines([f"1: {tmp_path}/one.json", f"2: {tmp_path}/other.json",
                                 "network   mode    pass    batch images/s 1 images/s 2 ratio",
                                 "ResNet-50 float32 forward    64       1000       2500   2.5", "report: *"],
                                consecutive=True)


def test_pages_to_which_runs_were_added_stand_side_by_side_too(measured):
    """As owners of two machines have them: of each, some rows come from an earlier run."""
    pages = [fold(measured, later(measured, [cost(rate=rate, device=device)]))
             for rate, device in [(1000.0, "a GPU, 16.0 GiB"), (2500.0, "another GPU")]]
    html = page.render(merge(pages, ["one.json", "other.json"], differing=True))

    assert 'data-v="2.5">2.5<' in html.split('id="machines"')[1].split("<tbody>")[1].split("</tr>")[0]


ROWS = """
import pytest
from lab.benchmarking.rows import Row
from selfcheck.cost_samples import measured

@pytest.mark.benchmark
@pytest.mark.parametrize("row", [Row("LeNet", 8)])
def test_row(row, costs):
    costs(measured("LeNet", 8), [0.25, 0.25])
"""


def test_a_run_shows_its_table_and_keeps_it_for_the_next(lecture, small_peak):
    project = lecture(claims=ROWS)
    first = project.runpytest("-m", "benchmark", "--junitxml=junit.xml")
    project.makepyfile(**{"tests/test_lecture": lecture.claims})
    second = project.runpytest()
    kept = json.loads((project.path / "reports/evidence.json").read_text(encoding="utf-8"))["costs"]

    first.stdout.fnmatch_lines(["*costs, measured in this run*", "network*mode*images/s*", "LeNet*float32*1000*"])
    assert "images_per_second" not in (project.path / "junit.xml").read_text()
    assert "costs, measured in this run" not in second.stdout.str()
    assert [row["network"] for row in kept] == ["LeNet"]


@pytest.mark.parametrize("change, why", [({"run": 5}, "there is no run 5"), ({"images_per_second": 0}, "costs"),
                                         ({"pass": "backward"}, "costs")])
def test_a_file_with_a_row_that_cannot_be_is_refused(change, why, measured, tmp_path):
    measured["costs"][0].update(change)
    (tmp_path / "evidence.json").write_text(json.dumps(measured), encoding="utf-8")

    with pytest.raises(ReportError, match=why):
        read(tmp_path / "evidence.json")
