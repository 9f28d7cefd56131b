"""What the page tells, in the lecture's order: the run in a sentence, what to change, each statement's evidence."""

import re

import pytest

from lab.report import page
from lab.report.terminal import table
from selfcheck.html_reader import told
from selfcheck.report_samples import sample


@pytest.fixture(scope="module")
def rendered():
    return page.render(sample(16, 1))


@pytest.fixture(scope="module")
def text(rendered):
    return told(rendered)


def test_the_head_counts_the_statements_by_verdict(text):
    assert ("16 statements: ✓ 2 confirmed, ✎ 2 corrected, ✗ 2 refuted, § 2 context, ≠ 2 not reproduced, ? 2 undecided, "
            "⊘ 2 not run, ○ 2 not yet tested.") in text


def test_the_head_counts_in_chinese(rendered):
    assert "共 16 条论断： ✓ 2 成立， ✎ 2 需修正， ✗ 2 不成立，" in told(rendered, "zh")


def test_the_corrections_come_first_ready_to_paste_in_both_languages(rendered):
    section = re.search(r'<section class="corrections".*?</section>', rendered, re.DOTALL)[0]
    pasted = [told(copied) for copied in re.findall(r'<span class="copyable">(.*?)</span>', section)]

    assert re.findall(r'href="#(.*?)"', section) == ["L1.2", "L1.3", "L2.2", "L2.3"]
    assert pasted == ["The first fully connected layer holds 74.3 %; the last, 3.0 %.",
                      "第一个全连接层占 74.3 %，最后一个只占 3.0 %。"] * 4
    assert re.findall(r"corrected (\w+): Most|refuted (\w+): Most", told(section)) == [
        ("notebook", ""), ("", "paper"), ("notes", ""), ("", "notes")]    # whose words are to change
    assert rendered.index(section) < rendered.index('class="part"')


def test_statements_stand_in_the_lecture_s_order(rendered):
    assert re.findall(r'<article class="statement" id="(.*?)"', rendered) == [
        f"L{section}.{number}" for section in (1, 2) for number in range(1, 9)]


@pytest.mark.parametrize("part", [
    pytest.param("✎ corrected", id="verdict in icon and word"),
    pytest.param("Better: The first fully connected layer", id="correction"),
    pytest.param("parameters: 108", id="evidence in one line"),
    pytest.param("Evidence · 2 HOLDS · 1 CAUGHT · 37 ms", id="outcomes and duration"),
    pytest.param("A 3x3 convolution from 3 to 4 channels holds 108 weights.", id="claim"),
    pytest.param("quantity value expected unit", id="head of the table"),
    pytest.param("share of all parameters Simonyan and Zisserman 2015 74.34 %", id="row with source and unit"),
    pytest.param("parameters weights without biases 108 108", id="row with convention and expected value"),
    pytest.param("CAUGHT weights and biases four biases come on top", id="near-miss and its reason"),
    pytest.param("The test @claim(", id="source"),
    pytest.param("pytest tests/lecture/test_L1.py::test_statement-1_0", id="command"),
    pytest.param("Sources: Simonyan and Zisserman 2015, table 2", id="sources"),
    pytest.param("Kind of evidence: exact", id="kind"),
    pytest.param("Origin: notebook, R, sentence 2", id="origin and place"),
])
def test_a_statement_shows_its(rendered, part):
    article = re.search(r'<article class="statement" id="L1\.2".*?</article>', rendered, re.DOTALL)[0]

    assert part in told(article)


@pytest.mark.parametrize("part", [
    "command pytest -m 'not gpu'", "commit 0123456789ab", "seeds declared", "device cpu", "processor Example CPU",
    "pytest 9.2.0, torch 2.9.0", "MNIST Example page; 70,000 images; official files; sha256 abababab",
])
def test_provenance_names(text, part):
    assert part in text[text.rindex("Provenance"):]


def test_a_test_that_failed_says_what_it_found(text):
    assert "≠ not reproduced" in text and "FAILS weights alone assert 112 == 108" in text


def test_a_near_miss_that_was_missed_says_that_it_must_be_rejected():
    evidence = sample(1, 1)
    evidence["tests"][2].update(outcome="MISSED", reason="the check accepts this near-miss")

    assert ("MISSED weights and biases four biases come on top the check accepts this near-miss"
            in told(page.render(evidence)))


def article(rendered, id, language="en"):
    return told(re.search(rf'<article class="statement" id="{id}".*?</article>', rendered, re.DOTALL)[0], language)


def test_the_head_counts_the_statements_by_origin(rendered, text):
    assert "By origin: 7 of the notes, 3 of the notebooks, 3 of papers, 3 of ours." in text
    assert "按来源： 讲义 7 条， 课程代码 3 条， 论文 3 条， 自拟 3 条。" in told(rendered, "zh")


@pytest.mark.parametrize("id, language, origin", [
    ("L1.1", "en", "Origin: notes, L6, sentence 4"), ("L1.1", "zh", "来源： 讲义，L6 第 4 句"),
    ("L1.3", "en", "Origin: paper"), ("L1.4", "zh", "来源： 自拟"),
])
def test_each_statement_tells_whose_words_it_is_in(rendered, id, language, origin):
    assert origin in article(rendered, id, language)


def test_a_trained_statement_tells_its_scope_and_others_have_none(rendered):
    assert "Scope: Nets of 6,000 parameters on digits; photographs are left open." in article(rendered, "L1.1")
    assert "适用范围： 6,000 个参数的网络" in article(rendered, "L1.1", "zh")
    assert "Scope:" not in article(rendered, "L1.2")


def test_a_note_is_an_addition_and_never_among_what_the_lecture_should_change(rendered):
    corrections = re.search(r'<section class="corrections".*?</section>', rendered, re.DOTALL)[0]

    assert "To add: The first layer alone holds most of them." in article(rendered, "L1.1")
    assert re.search("补充：.*仅第一层就占了大部分。", article(rendered, "L1.1", "zh"))
    assert "Better" not in article(rendered, "L1.1") and "The first layer alone" not in corrections


def test_a_note_of_a_statement_that_was_not_reproduced_says_so():
    evidence = sample(1, 1)
    evidence["statements"][0]["verdict"] = "not reproduced"

    assert "To add, as recorded; this run does not establish it: The first" in article(page.render(evidence), "L1.1")


def test_what_only_a_source_says_is_never_shown_as_confirmed():
    evidence = sample(1, 1)
    evidence["statements"][0].update(verdict="published", published=True, note={})
    shown = article(page.render(evidence), "L1.1")

    assert "¶ published" in shown and "Rests on its sources; this run checked only a part of it." in shown
    assert "✓ confirmed" not in shown and "Recorded verdict" not in shown


@pytest.mark.parametrize("verdict, words", [
    ("published", "Rests on its sources; this suite has never measured it."),
    ("recorded", "Not measured by this run. Recorded trials, decided by the same rule, give: confirmed"),
])
def test_what_this_run_left_to_others_it_has_not_measured(verdict, words):
    evidence = sample(1, 1)
    evidence["statements"][0].update(verdict=verdict, published=True)
    for test in evidence["tests"]:
        test.update(outcome="RECORDED" if verdict == "recorded" else "NOT RUN", reason="elsewhere", lacking="no data")

    assert words in article(page.render(evidence), "L1.1")


def test_what_is_recorded_may_be_measured_in_part():
    evidence = sample(1, 1)
    evidence["statements"][0].update(verdict="recorded")
    evidence["tests"][0].update(outcome="RECORDED", reason="elsewhere", lacking="no data")
    words = "Measured by this run in part. With recorded trials, decided by the same rule, it is: confirmed"

    assert words in article(page.render(evidence), "L1.1")


@pytest.mark.parametrize("lacking, marks", [
    pytest.param("needs a CUDA device: run it elsewhere", "-m gpu ", id="a GPU"),
    pytest.param("a measurement of cost: run `pytest -m benchmark`", "-m benchmark ", id="to be asked for"),
    pytest.param("MNIST isn't there", "", id="data"),
])
def test_the_command_of_a_claim_asks_for_what_the_run_did_not(lacking, marks):
    evidence = sample(1, 1)
    for test in evidence["tests"]:
        test.update(outcome="RECORDED", reason="elsewhere", lacking=lacking)

    assert f"pytest {marks}tests/lecture/test_L1.py::test_statement" in article(page.render(evidence), "L1.1")


def test_the_terminal_s_table_has_a_column_for_what_is_published():
    evidence = sample(8, 1)
    evidence["statements"][0]["verdict"] = "published"
    head, row = table(evidence)
    columns = re.split("  +", head.strip())

    assert dict(zip(columns, row.split()[-len(columns):], strict=True))["published"] == "1"


def test_a_claim_that_measures_one_quantity_names_it_once():
    evidence = sample(1, 1)
    for test in evidence["tests"]:
        test.update(experiment=None, evidence=test["evidence"][:1])
    shown = article(page.render(evidence), "L1.1")

    assert ("parameters weights without biases value expected HOLDS weights alone 108 108 HOLDS another width 108 108 "
            "Near-misses, and why CAUGHT weights and biases four biases come on top 108 108"
            ) in shown


def test_a_claim_that_did_not_run_says_why_once():
    evidence = sample(1, 1)
    for test in evidence["tests"]:
        test.update(experiment=None, evidence=[], outcome="NOT RUN", reason="needs a CUDA device: run it on one")
    [shown] = re.findall(r"<section class=claim>.*?</section>", page.render(evidence), re.DOTALL)

    assert shown.count("needs a CUDA device") == 1
