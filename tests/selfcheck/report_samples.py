"""Evidence for the report's own tests: a lecture of any size with every verdict, figure and outcome, no run needed."""

import json
import math
from pathlib import Path

from lab.claims.course_rules import EXPLORABLES
from lab.report.runs import reading

SCHEMA = json.loads(Path(reading.__file__).with_name("schema.json").read_text(encoding="utf-8"))

SOURCE = '''@claim("conv-3x3x3x4-is-108")
@pytest.mark.parametrize("bias", [
    pytest.param(False, id="weights alone"),
    pytest.param(True, id="weights and biases", marks=counterexample("four biases come on top")),
])
def test_3x3x3x4_is_108(bias, evidence):
    """A 3x3 convolution from 3 to 4 channels holds 108 weights."""
    conv = nn.Conv2d(in_channels=3, out_channels=4, kernel_size=3, bias=bias)
    evidence.measured("parameters", count_parameters(conv), expected=3 * 3 * 3 * 4)

    assert count_parameters(conv) == 3 * 3 * 3 * 4
'''
VERDICTS = ("confirmed", "corrected", "refuted", "context", "not reproduced", "undecided", "not run", "not yet tested")
UNTESTED = {"context", "not yet tested"}
ORIGINS = ({"origin": "notes", "place": "L6, sentence 4"}, {"origin": "notebook", "place": "R, sentence 2"},
           {"origin": "paper", "place": ""}, {"origin": "ours", "place": ""},
           {"origin": "notes", "place": "L6, sentence 5"})
PRESETS = (    # of each explorable: its settings, and what is measured there
    ({"kernel_size": 3, "in_channels": 3, "out_channels": 4, "groups": 1, "bias": False}, {"weights": 108}),
    ({"kernel_size": 3, "in_channels": 256, "reduced_channels": 64, "out_channels": 192, "bias": False},
     {"weights": 126_976}),
    ({"kernel_size": [3, 3], "stride": [1, 2], "dilation": [1, 1]}, {"receptive_field": 5}),
    ({"height": 32, "kernel_size": 5, "stride": 1, "padding": 0, "dilation": 1}, {"output_height": 28}),
    ({"block": 1}, {"cnn_accuracy": 95.1, "fc_accuracy": 87.2}),
)
ADDED = {"en": "The first layer alone holds most of them.", "zh": "仅第一层就占了大部分。"}
SCOPE = {"en": "Nets of 6,000 parameters on digits; photographs are left open.",
         "zh": "6,000 个参数的网络，用数字图像训练；照片未做实验。"}


def sample(statements=24, claims_each=2):
    """Evidence of `statements` statements with `claims_each` claims."""
    chosen = [statement(number) for number in range(statements)]
    tests = [test for one in chosen if one["verdict"] not in UNTESTED
             for number in range(claims_each) for test in claim(one, number)]
    for one in chosen:
        one["tests"] = [test["nodeid"] for test in tests if test["statement"] == one["id"]]
    return {"schema": 1, "run": run(), "sections": sections(chosen), "statements": chosen, "tests": tests}


def run():
    """Provenance of a run that never was."""
    return {
        "started": "2026-01-02T03:04:05+0100", "duration_s": 83.2, "complete": True, "commit": "0123456789ab",
        "command": "pytest -m 'not gpu'", "scale": "quick", "seeds": "declared", "device": "cpu",
        "threads": 1, "cpu": "Example CPU", "gpu": "", "python": "3.12.1",
        "packages": {"torch": "2.9.0", "pytest": "9.2.0"},
        "data": [{"name": "MNIST", "source": "Example page", "images": 70_000, "sha256": "ab" * 32,
                  "official": True}],
    }


def sections(chosen):
    """The sections that the statements name."""
    names = dict.fromkeys(one["section"] for one in chosen)
    return [{"id": name, "en": f"Question {name}", "zh": f"问题 {name}", "finished": index > 0}
            for index, name in enumerate(names)]


def statement(number):
    """The statement with this number; the verdicts go round."""
    section, verdict = number // 8 + 1, VERDICTS[number % len(VERDICTS)]
    corrected = {"en": "The first fully connected layer holds 74.3 %; the last, 3.0 %.",
                 "zh": "第一个全连接层占 74.3 %，最后一个只占 3.0 %。"}
    return {
        "id": f"L{section}.{number % 8 + 1}", "slug": f"statement-{number}", "section": f"L{section}",
        "en": "Most parameters of VGG lie in its last fully connected layers.",
        "zh": "VGG 的参数大多集中在最后的全连接层。",
        "was": [], **ORIGINS[number % len(ORIGINS)],
        "kind": ["exact"] if number % 3 else ["trained", "exact"],
        "recorded": verdict if verdict in VERDICTS[:4] else "confirmed", "verdict": verdict,
        "published": False, "correction": corrected if verdict in {"corrected", "refuted"} else {},
        "note": ADDED if verdict == "confirmed" else {}, "scope": {} if number % 3 else SCOPE,
        "explore": EXPLORABLES[number] if number < len(EXPLORABLES) else "",
        "sources": ["Simonyan and Zisserman 2015, table 2"] if number % 2 else [], "tests": [],
    }


def claim(of, number):
    """Three tests of a statement: a case, another one, and a near-miss."""
    outcome = {"not reproduced": "FAILS", "undecided": "UNDECIDED", "not run": "NOT RUN"}.get(of["verdict"], "HOLDS")
    return [case(of, number, "weights alone", "case", outcome),
            case(of, number, "another width", "case", "HOLDS"),
            case(of, number, "weights and biases", "counterexample", "CAUGHT")]


def case(of, number, name, role, outcome):
    """One test of the claim `number` of a statement, with a figure of the next kind."""
    figure = FIGURES[(number + len(of["slug"]) + int(of["slug"].split("-")[1])) % len(FIGURES)]
    shown = [dict(zip(("settings", "measured"), PRESETS[EXPLORABLES.index(of["explore"])]))] if of["explore"] else []
    figure = FIGURES[6] if of["explore"] == "shuffled-pixels" else figure
    trained = "trained" in of["kind"] and role == "case" and number == 0
    rows = [
        {"what": "parameters", "value": 108 + number, "expected": 108 + number, "unit": "",
         "convention": "weights without biases", "source": ""},
        {"what": "share of all parameters", "value": 74.3412, "expected": None, "unit": "%",
         "convention": "", "source": "Simonyan and Zisserman 2015"},
    ]
    return {
        "nodeid": f"tests/lecture/test_{of['section']}.py::test_{of['slug']}_{number}[{name}]",
        "statement": of["id"], "claim": "A 3x3 convolution from 3 to 4 channels holds 108 weights.",
        "role": role, "why": "four biases come on top" if role == "counterexample" else "",
        "outcome": outcome, "reason": "" if outcome in {"HOLDS", "CAUGHT"} else "assert 112 == 108",
        "duration_s": 0.0123, "evidence": [] if outcome == "NOT RUN" else rows,
        "figures": [figure] if role == "case" else [],
        "experiment": experiment() if trained and outcome != "NOT RUN" else None,
        "source": SOURCE, "presets": shown,
    }


def experiment():
    """A comparison of two arms over eight seeds, one of which diverged."""
    plain = [95.1, 94.2, 95.3, 96.0, 95.5, 95.2, 94.8, "nan"]
    shuffled = [82.0, 81.1, 82.9, 83.0, 80.8, 81.5, 82.2, 81.9]
    gains = [a - b for a, b in zip(plain[:7], shuffled)]
    name = "CNN, plain pixels"
    return {"arms": {name: plain, "CNN, shuffled pixels": shuffled}, "seeds": list(range(8)),
            "differences": gains + ["nan"], "metric": "test accuracy", "margin": 5.0, "alpha": 1e-4,
            "rule": "t e-value", "n": 8, "mean": 13.2, "sd": 0.9, "interval": [11.4, 15.1], "worst": 11.9,
            "verdict": "confirmed", "e_value": 34_567.8, "weights": {name: 1, "CNN, shuffled pixels": -1},
            "diverged": {name: 1, "CNN, shuffled pixels": 0}, "collapse_bound": 0.684,
            "data": {"name": "MNIST", "images": 70_000, "sha256": "ab" * 32},
            "recipe": {name: {"lr": 0.01, "batch_size": 64}, "CNN, shuffled pixels": {"lr": 0.01}}}


def _wave(height, width, phase):
    return [[0.5 + 0.5 * math.sin((row * column + phase) / 9) for column in range(width)] for row in range(height)]


FIGURES = (
    {"kind": "bars", "title": "Weights of a fully connected and a convolutional layer",
     "labels": ["fully connected", "3x3 convolution"], "values": [201_326_592, 108], "unit": "weights", "log": True},
    {"kind": "bars", "title": "Images a second", "labels": ["batch 1", "batch 64"], "values": [210.0, 3400.0],
     "spread": [[200.0, 219.0], [3350.0, 3460.0]], "unit": "images/s"},
    {"kind": "bars", "title": "Accuracy by net and pixel order", "labels": ["plain", "shuffled"],
     "groups": ["CNN", "FC"], "values": [[95.1, 82.3], [87.2, 86.9]], "unit": "%"},
    {"kind": "lines", "title": "Training loss", "x": list(range(60)), "xlabel": "step", "ylabel": "loss",
     "series": {"plain-56": [2.3 - 0.003 * step for step in range(60)],
                "residual-56": [2.3 * math.exp(-step / 15) for step in range(60)]},
     "bands": {"plain-56": [[2.2 - 0.003 * step for step in range(60)], [2.4 - 0.003 * step for step in range(60)]]}},
    {"kind": "scatter", "title": "Accuracy against cost", "xlabel": "multiply-adds", "ylabel": "top-1 accuracy, %",
     "logx": True, "points": [{"label": f"net {n}", "x": 10.0 ** (8 + n / 4), "y": 70 + 2.1 * n} for n in range(8)]},
    {"kind": "roofline", "title": "Kernels under the roof", "peak_flops": 1e13, "peak_bandwidth": 1e12,
     "points": [{"label": "3x3 convolution", "x": 60.0, "y": 6e12}, {"label": "addition", "x": 0.2, "y": 1.8e11}]},
    {"kind": "images", "title": "A digit, plain and shuffled", "labels": ["plain", "shuffled"],
     "images": [_wave(28, 28, 0), _wave(28, 28, 50)]},
    {"kind": "matrix", "title": "A convolution's matrix", "values": _wave(16, 24, 3), "xlabel": "input",
     "ylabel": "output"},
)
