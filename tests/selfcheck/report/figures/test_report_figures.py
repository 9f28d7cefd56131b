"""Figures: each kind draws, stays small, and costs a sentence instead of the page where it can't."""

import pytest
from PIL import Image, ImageChops

from lab.experiments.curves import banded
from lab.report import page
from lab.report.figures import axes, plots, shown
from selfcheck.html_reader import Elements
from selfcheck.report_samples import FIGURES, experiment, sample

CROWDED = [
    {"kind": "bars", "title": "Bars up to the edge", "labels": [f"net {n}" for n in range(7)], "unit": "10^9",
     "groups": ["ours (multiply-adds)", "theirs (multiply-adds)", "third", "FLOPs of the fourth"],
     "values": [[1.0] * 7, [1.003] * 7, [0.99] * 7, [2.0] * 7]},
    {"kind": "scatter", "title": "Neighbours", "xlabel": "cost", "ylabel": "accuracy", "logx": True,
     "points": [{"label": f"ResNet-{50 + n}", "x": 4 + n / 20, "y": 76 + n / 3} for n in range(5)] + [
                {"label": "ShuffleNetV2", "x": 0.15, "y": 69.4}, {"label": "VGG-19", "x": 20, "y": 72}]},
    {"kind": "lines", "title": "Rounding", "x": [0, 1, 2], "xlabel": "step", "ylabel": "distance",
     "series": {"first and second": [0, 1.1e-16, 2.4e-16]}},
]
COVERED = """() => {
  const texts = [...document.querySelectorAll("svg.plot text")].map(one => [one, one.getBoundingClientRect()]);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
                      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const inside = (a, b) => a.left > b.left - 2 && a.right < b.right + 2 && a.top > b.top - 2 && a.bottom < b.bottom + 2;
  return texts.filter(([text, box]) => !inside(box, text.closest("svg").getBoundingClientRect())
    || texts.some(([other, its]) => other !== text && meet(box, its))).map(([text]) => text.textContent);
}"""


@pytest.mark.parametrize("figure", [*FIGURES, {"kind": "differences", "title": "trials", **{
    name: value for name, value in experiment().items()
    if name in {"arms", "differences", "interval", "margin", "mean", "metric", "rule"}}}],
    ids=lambda figure: f"{figure['kind']}: {figure['title']}")
def test_each_kind_of_figure_draws_within_15_kb(figure):
    markup, styles = plots.draw(figure)

    assert "undrawn" not in markup
    assert " style=" not in markup
    assert set(styles) == Elements(markup).values("class") - {"plot", "pictures", "picture"}
    assert 500 < len(markup.encode()) + sum(map(len, styles.values())) < 15_000


@pytest.mark.parametrize("value, label", [(1000, "10³"), (0.01, "10⁻²"), (1, "10⁰"), (0, "10⁰")])
def test_a_tick_of_a_logarithmic_axis_is_a_power_of_ten(value, label):
    assert axes.decade(value, None) == label


@pytest.mark.parametrize("logx, logy", [(False, True), (True, False), (True, True)])
def test_an_axis_is_logarithmic_where_that_is_asked_and_something_is_positive(logx, logy):
    _, drawn = axes.axes_of(height=2)
    drawn.plot([1, 10, 100], [-3, -2, -1])
    axes.scales(drawn, logx, logy)

    assert (drawn.get_xscale(), drawn.get_yscale()) == ("log" if logx else "linear", "linear")


@pytest.mark.parametrize("asked, scale", [({}, "linear"), ({"log": True}, "log")], ids=["unasked", "asked"])
def test_bars_are_logarithmic_where_that_is_asked(asked, scale):
    assert plots.bars(["a", "b"], [1, 10**6], **asked).axes[0].get_xscale() == scale


@pytest.mark.parametrize("figure", [
    pytest.param({"kind": "lines", "x": list(range(5000)), "series": {"a": list(range(5000))}}, id="a long line"),
    pytest.param({"kind": "scatter", "points": [{"label": "", "x": x, "y": x * x % 997} for x in range(5000)]},
                 id="many points"),
    pytest.param({"kind": "bars", "labels": ["a", "b"], "values": ["nan", "inf"]}, id="values that are not finite"),
    pytest.param({"kind": "bars", "labels": ["a", "b"], "values": [0, -3], "log": True}, id="nothing to show in a log"),
    pytest.param({"kind": "bars", "labels": ["$\\frac", "卷积"], "values": [1, 2]}, id="labels like formulas"),
])
def test_extreme_figures_draw_within_15_kb(figure):
    markup, _ = plots.draw(figure)

    assert "undrawn" not in markup
    assert len(markup.encode()) < 15_000


@pytest.mark.parametrize("figure", [
    pytest.param({"kind": "pie", "values": [1]}, id="unknown kind"),
    pytest.param({"kind": "bars", "labels": ["a"], "values": [1, 2]}, id="a label too few"),
    pytest.param({"kind": "lines", "x": [1, 2], "series": {"<b>": "ab"}}, id="words for numbers"),
])
def test_a_figure_that_cannot_be_drawn_costs_a_sentence_not_the_page(figure):
    markup, _ = plots.draw(figure)

    assert "undrawn" in markup


@pytest.mark.parametrize("figure", CROWDED, ids=lambda figure: figure["title"])
def test_no_text_of_a_figure_covers_another_or_leaves_it(opened, tmp_path, figure):
    evidence = sample(1, 1)
    for test in evidence["tests"]:
        test.update(experiment=None, figures=[figure] if test["role"] == "case" else [])
    visited = opened(page.write(evidence, tmp_path).as_uri())
    visited.click("#unfold")

    assert visited.locator("svg.plot text:visible").count() > 5
    assert visited.evaluate(COVERED) == []


def test_an_arm_has_one_colour_in_all_drawings():
    evidence = sample(1, 1)
    lines = {"kind": "lines", "title": "loss", "x": [0, 1], "series": {"else": [1, 2], "b": [3, 4], "a": [5, 6]}}
    evidence["tests"][0].update(figures=[lines], experiment={**experiment(), "arms": {"a": [1.0], "b": [2.0]}})

    assert [list(figure["series"]) for figure in shown.of_test(evidence["tests"][0]) if "series" in figure] == [
        ["a", "b", "else"]]


def test_a_near_miss_shows_only_figures_of_its_own():
    """Not another of a title that a case has, which would be told apart by its case alone."""
    def test(role, *titles):
        return {"nodeid": f"a.py::f[{role}]", "role": role, "experiment": None,
                "figures": [{"kind": "bars", "title": title, "labels": [role], "values": [1]} for title in titles]}

    found = shown.shown([test("counterexample", "loss", "gradient"), test("case", "loss")])

    assert [(figure["title"], case) for figure, case in found] == [("loss", "case"), ("gradient", "counterexample")]


def test_a_power_of_ten_in_an_axis_name_is_raised_and_translated():
    markup, _ = plots.draw({"kind": "bars", "labels": ["a"], "values": [1], "unit": "10^9 multiply-adds"})

    assert ">10⁹ multiply-adds<" in markup and ">10⁹ 次乘加<" in markup


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_is_saved_as_a_picture_for_slides(opened, tmp_path, language):
    visited = opened(f"{page.write(sample(1, 1), tmp_path).as_uri()}?lang={language}#L1.1")
    visited.evaluate("""() => {
      const ink = CanvasRenderingContext2D.prototype, write = ink.fillText;
      window.written = "";
      ink.fillText = function(...given) { written += given[0]; write.apply(this, given); };
    }""")
    caption = visited.locator('[id="L1.1"] svg.plot + figcaption').first
    with visited.expect_download() as download:
        caption.locator("button").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)

    assert visited.evaluate("written") == caption.locator("span").first.inner_text()
    with Image.open(tmp_path / "L1.1.png") as picture:
        paper = Image.new("RGB", picture.size, picture.convert("RGB").getpixel((0, 0)))
        left, top, right, bottom = ImageChops.difference(picture.convert("RGB"), paper).getbbox()
        colours = picture.convert("RGB").getcolors(1 << 24)
        assert picture.width > 1600 and len(colours) > 20
        assert min(left, top, picture.width - right, picture.height - bottom) >= 40
        assert sum(count for count, colour in colours if max(colour) < 16) == 0  # what has lost its style is black


def test_a_band_reaches_from_the_lowest_seed_to_the_highest():
    """Three seeds at two points of a line."""
    assert banded({"plain": [(2, 3, 7), (11, 5, 8)]}) == {"series": {"plain": [4, 8]},
                                                          "bands": {"plain": [[2, 5], [7, 11]]}}
