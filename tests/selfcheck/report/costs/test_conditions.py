"""What became of a row's rounds, and what a GPU's sensors said: is it told wherever the row is?"""
import csv
import io
import json

import jsonschema
import torch

from lab.benchmarking.roofline import Peak
from lab.benchmarking.rows import Row
from lab.benchmarking.throughput import Throughput
from lab.benchmarking.timing import Timing
from lab.device.monitor import Sample, Samples
from lab.report import page
from lab.report.costs.csv_table import as_csv
from selfcheck.cost_samples import cost
from selfcheck.html_reader import told as text_of
from selfcheck.report_samples import SCHEMA

TOLD = ("slow rounds, repeated: 2; sensors: SM clock at least 1410 MHz, held down by power limit, at most 74 °C, "
        "310 W, 512 MiB reserved")


def test_the_conditions_of_a_row_stand_on_the_page_and_in_the_spreadsheet(old):
    evidence = {**old, "costs": [cost(conditions=TOLD), cost(batch=1)]}
    first, second = csv.DictReader(io.StringIO(as_csv(evidence).removeprefix("\ufeff")))
    html = page.render(evidence)

    assert (first["conditions"], second["conditions"]) == (TOLD, "")
    assert TOLD in text_of(html)
    assert "过慢而重测的轮数：2；传感器：SM 频率不低于 1410 MHz，受限于功率上限" in html
    jsonschema.validate(json.loads(page.as_json(evidence)), SCHEMA)


def test_images_per_joule_are_by_the_power_of_the_rounds():
    """100 images in 2 s at 300 W: by the energy counter, 600 J in 2 s; a sample tells a mean that still rises."""
    samples = Samples(taken=[Sample(1410, 0x4, 74, 120.0, 2**29)], joules=600.0, seconds=2.0)
    timing = Timing([2.0, 2.0], {"slow rounds, repeated": 2, "sensors": samples.words()}, samples)
    row = Throughput(Row("LeNet", 100), 100, timing, 2**20, 10**6, None)
    told = row.as_row(torch.device("cpu"), Peak(1e12, 1e12))

    assert told["images_per_joule"] == 100 / 2 / 300
    assert told["conditions"] == f"slow rounds, repeated: 2; sensors: {samples.words()}"
