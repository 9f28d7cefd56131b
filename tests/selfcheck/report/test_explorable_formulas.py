"""The explorables' formulas, run in a real browser, against modules that PyTorch builds on its meta device."""

from bisect import bisect_left
from pathlib import Path

import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from lab.counting import count_multiply_adds, count_parameters
from lab.counting.meta_device import output_shape
from lab.report import page

SCRIPT = (Path(page.__file__).parent / "assets/formulas.js").read_text(encoding="utf-8")
WIDEST = 128    # px, of the windows tried


def sized(**ranges):
    return st.fixed_dictionaries({name: st.integers(*ends) for name, ends in ranges.items()})


channels = st.integers(1, 6).flatmap(lambda groups: st.fixed_dictionaries({
    "kernel_size": st.integers(1, 7), "in_channels": st.integers(1, 4).map(lambda n: n * groups),
    "out_channels": st.integers(1, 12), "groups": st.just(groups), "bias": st.booleans(),
    "height": st.integers(1, 30), "width": st.integers(1, 30)}))
branches = st.fixed_dictionaries({
    "kernel_size": st.sampled_from([1, 3, 5, 7]), "in_channels": st.integers(1, 40),
    "reduced_channels": st.integers(0, 40), "out_channels": st.integers(1, 40), "bias": st.booleans(),
    "height": st.integers(1, 30)}).map(
        lambda branch: {**branch, "width": branch["height"]})
maps = sized(height=(1, 40), kernel_size=(1, 9), stride=(1, 5), padding=(0, 6), dilation=(1, 5))
stacks = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3).map(
    lambda layers: dict(zip(("kernel_size", "stride", "dilation"), map(list, zip(*layers)))))


def counted(module, in_channels, height, width):
    """What PyTorch counts of a module whose map put out has this height and width."""
    weights, parameters = count_parameters(module, bias=False), count_parameters(module)
    image = torch.empty(1, in_channels, height, width, device="meta")
    return {"weights": weights, "biases": parameters - weights, "parameters": parameters,
            "multiply_adds": count_multiply_adds(module, image)}


def of_convolution(case):
    size = [case[side] + case["kernel_size"] - 1 for side in ("height", "width")]    # without padding
    names = ("in_channels", "out_channels", "kernel_size", "groups", "bias")
    try:
        layer = nn.Conv2d(**{name: case[name] for name in names}, device="meta")
    except ValueError:    # groups that don't divide
        return None
    return counted(layer, case["in_channels"], *size)


def of_branch(case):
    k, ins, between, outs, bias = (case[name] for name in (
        "kernel_size", "in_channels", "reduced_channels", "out_channels", "bias"))
    options = {"bias": bias, "device": "meta"}
    last = nn.Conv2d(between or ins, outs, k, padding=k // 2, **options)
    branch = nn.Sequential(nn.Conv2d(ins, between, 1, **options), last) if between else last
    return counted(branch, ins, case["height"], case["width"])


def of_map(case):
    return side_of(nn.Conv2d(1, 1, case["kernel_size"], case["stride"], case["padding"], case["dilation"]),
                   case["height"])


def side_of(module, side):
    """Height of the map that a module puts out for a square one; None where PyTorch refuses it."""
    shape = output_shape(module, torch.empty(1, 1, side, side, device="meta"))
    return shape and shape[2]


def of_stack(case):
    """The window after each layer: the smallest map, without padding, of which a pixel is left."""
    layers = [nn.Conv2d(1, 1, kernel, stride, 0, dilation, device="meta") for kernel, stride, dilation
              in zip(case["kernel_size"], case["stride"], case["dilation"])]
    return [1 + bisect_left(range(1, WIDEST), True, key=lambda side, depth=depth: (
        side_of(nn.Sequential(*layers[:depth]), side) is not None)) for depth in range(1, len(layers) + 1)]


REFERENCES = {"convolution": (channels, of_convolution), "reducedConvolution": (branches, of_branch),
              "outputSide": (maps, of_map), "receptiveField": (stacks, of_stack)}


@pytest.fixture(scope="module")
def blank(browser):
    """A page of no content, in which formulas of any text run."""
    visited = browser.new_page()
    yield visited
    visited.close()


def compare(visited, name, script="", phases=tuple(Phase)):
    """Raises AssertionError where the browser's formula differs from PyTorch on some of its parameters."""
    cases_of, reference = REFERENCES[name]

    @settings(max_examples=5, deadline=None, database=None, derandomize=True, phases=phases)
    @given(st.lists(cases_of, min_size=20, max_size=40))
    def agree(cases):
        found = visited.evaluate(f"cases => {{ {script}\n return cases.map({name}); }}", cases)
        assert found == [reference(case) for case in cases]

    agree()


@pytest.mark.parametrize("name", REFERENCES)
def test_the_page_s_formula_agrees_with_pytorch(name, opened, address):
    compare(opened(address), name)


@pytest.mark.parametrize("name, right, wrong", [
    pytest.param("convolution", "(in_channels / groups)", "in_channels", id="groups ignored"),
    pytest.param("convolution", "bias ? out_channels", "bias ? 2 * out_channels", id="bias doubled"),
    pytest.param("convolution", "weights * height * width", "weights * height * height", id="width forgotten"),
    pytest.param("convolution", "|| out_channels % groups", "", id="groups that do not divide"),
    pytest.param("reducedConvolution", "kernel_size: 1, out_channels", "out_channels",
                 id="a reduction by the large kernel"),
    pytest.param("receptiveField", " * dilation[layer]", "", id="dilation dropped from the window"),
    pytest.param("receptiveField", "step *= stride[layer]", "step += stride[layer] - 1", id="strides added"),
    pytest.param("outputSide", "padding - dilation * (kernel", "padding - (kernel", id="dilation dropped from the map"),
    pytest.param("outputSide", "Math.floor(room / stride)", "Math.floor((room - 2 * padding) / stride) + 2 * padding",
                 id="stride after padding"),
    pytest.param("outputSide", "Math.floor", "Math.ceil", id="ceil for floor"),
])
def test_a_fault_in_a_formula_is_caught(name, right, wrong, blank):
    assert SCRIPT.count(right) == 1
    with pytest.raises(AssertionError):
        compare(blank, name, SCRIPT.replace(right, wrong), phases=[Phase.generate])


@settings(max_examples=6, deadline=None, database=None, derandomize=True)
@given(st.lists(maps, min_size=30, max_size=60))
def remedies_fit(visited, cases):
    for case, better in zip(cases, visited.evaluate("cases => cases.map(remedy)", cases)):
        k, stride, dilation = case["kernel_size"], case["stride"], case["dilation"]
        shortcut = side_of(nn.Conv2d(1, 1, 1, better["stride"]), case["height"])
        tried = range(2 * k * dilation) if better["padding"] is None else [better["padding"]]
        sides = [side_of(nn.Conv2d(1, 1, k, stride, padding, dilation), case["height"]) for padding in tried]
        if better["padding"] is not None:
            assert sides == [shortcut] == [better["side"]]
        elif stride == 1:
            assert shortcut not in sides


def test_a_remedy_lets_x_be_added(opened, address):
    remedies_fit(opened(address))


def test_the_last_number_of_channels_that_saves_is_the_last(opened, address):
    visited = opened(address)
    widest, of = visited.evaluate("[breakEven, reducedConvolution].map(it => it({kernel_size: 3, in_channels: 256, "
                                  "out_channels: 192, reduced_channels: 222}))")
    more = of_branch({"kernel_size": 3, "in_channels": 256, "reduced_channels": 223, "out_channels": 192,
                      "bias": False, "height": 28, "width": 28})

    assert widest == 222 and of["weights"] < 3 * 3 * 256 * 192 < more["weights"]
