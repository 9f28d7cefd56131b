"""Explorables: what a reader can move beside a statement. The page's script computes them; their presets, the cases of
the statement's claims with what these measured, are told here, for print and for readers without script.
"""

import re

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from lab.report.figures.pictures import picture
from lab.report.figures.shown import split
from lab.report.language.words import case_name, data, mark

TERMS = {  # inputs and outputs by name, as a reader sees them
    "kernel_size": mark("kernel size"),
    "stride": mark("stride"),
    "padding": mark("padding"),
    "dilation": mark("dilation"),
    "in_channels": mark("channels in"),
    "reduced_channels": mark("channels between"),
    "out_channels": mark("channels out"),
    "groups": mark("groups"),
    "bias": mark("bias"),
    "height": mark("height of the map"),
    "width": mark("width of the map"),
    "block": mark("block, px"),
    "weights": mark("weights"),
    "biases": mark("biases"),
    "parameters": mark("parameters"),
    "multiply_adds": mark("multiply-adds"),
    "direct_weights": mark("weights without the 1x1"),
    "break_even": mark("saves weights up to channels between"),
    "receptive_field": mark("receptive field, px"),
    "output_height": mark("height put out"),
    "cnn_accuracy": mark("CNN, test accuracy, %"),
    "fc_accuracy": mark("FC net, test accuracy, %"),
}
BLOCK = re.compile(r"plain|(\d+)x\1")
INPUTS = {  # of each explorable, in the order of its table
    "counter": ("kernel_size", "in_channels", "out_channels", "groups", "bias", "height", "width"),
    "reduction": ("kernel_size", "in_channels", "reduced_channels", "out_channels", "bias"),
    "receptive-field": ("kernel_size", "stride", "dilation"),
    "shapes": ("height", "kernel_size", "stride", "padding", "dilation"),
    "shuffled-pixels": ("block",),
}


def explorable(kind, tests):
    """What the template needs of a statement's explorable; None where there is none of this kind.

    tests: the statement's, each with the presets that its claim recorded.
    """
    if kind not in INPUTS:
        return None
    presets = _together([preset for test in _cases_first(tests) for preset in _presets(kind, test)])
    if kind == "shuffled-pixels":
        presets = _of_blocks(presets, _pictures(tests))
    common = _common([preset["settings"] for preset in presets])
    for preset in presets:
        preset["data"] = _as_data({name: value for name, value in preset["settings"].items() if name not in common})
    return {
        "kind": kind,
        "presets": presets,
        "common": _as_data(common),
        "inputs": [
            name for name in INPUTS[kind] if name not in common and any(name in one["settings"] for one in presets)
        ],
        "outputs": list(dict.fromkeys(name for preset in presets for name in preset["measured"] if name in TERMS)),
    }


def _common(settings):
    """What several presets set alike, which the table need not repeat; nothing of a single one."""
    first, *others = settings or [{}]
    return {name: value for name, value in first.items() if others and all(one.get(name) == value for one in others)}


def _cases_first(tests):
    return sorted(tests, key=lambda test: test["role"])


def _presets(kind, test):
    """Presets of a test, named by its case, and by what tells them apart where it has several."""
    recorded, case = test.get("presets", ()), split(test["nodeid"])[1]
    for preset in recorded:
        settings = {name: preset["settings"][name] for name in INPUTS[kind] if name in preset["settings"]}
        apart = [name for name in settings if any(other["settings"].get(name) != settings[name] for other in recorded)]
        yield {
            "name": case_name(case) if case else data(test["claim"]),
            "near_miss": test["role"] == "counterexample",
            "settings": settings,
            "apart": apart,
            "measured": preset["measured"],
            "picture": None,
        }


def _together(presets):
    """Presets of equal settings as one, with all that was measured there."""
    found = {}
    for preset in presets:
        first = found.setdefault(repr(preset["settings"]), preset)
        first["measured"] = {**preset["measured"], **first["measured"]}
    return list(found.values())


def _as_data(settings):
    return htmlsafe_json_dumps(settings, separators=(",", ":"))


def _of_blocks(presets, pictures):
    """A preset for each picture, by the side of its blocks, with the accuracies that were measured there, if any."""
    measured = {preset["settings"]["block"]: preset["measured"] for preset in presets}
    return [
        {
            "name": "",
            "near_miss": False,
            "settings": {"block": side},
            "apart": ["block"],
            "measured": measured.get(side, {}),
            "picture": image,
        }
        for side, image in sorted(pictures.items())
    ]


def _pictures(tests):
    """{side of the blocks, px: data URI of a digit shuffled within them} from the figure that shows them."""
    return {
        int(side[1] or 1): Markup(picture(image)[0])
        for test in tests
        for figure in test["figures"]
        if figure["kind"] == "images"
        for label, image in zip(figure["labels"], figure["images"])
        if (side := BLOCK.fullmatch(str(label)))
    }
