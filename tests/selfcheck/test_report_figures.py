"""Figures: each kind draws, stays small, and costs a sentence instead of the page where it can't."""

import pytest

from lab.report import plots
from selfcheck.html_reader import Elements
from selfcheck.report_samples import FIGURES, experiment


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
