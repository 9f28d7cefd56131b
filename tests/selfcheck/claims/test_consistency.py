"""Does the lecture agree with itself? Its verdicts and its two languages."""

import re
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from lab.claims.course import read
from lab.claims.traceability import claims_in
from lab.report.language.catalogue import LOCALE

TESTS = Path(__file__).parents[2]
COURSE = read(TESTS / "course.toml")
SCALES = {"万": 10**4, "亿": 10**8, "million": 10**6}
NUMBER = re.compile(r"(?<![\w.^-])(\d[\d,]*(?:\.\d+)?)(?: ?(万|亿|million\b))?")
LIST = re.compile(r"(\d[\d.]*)(?=(?:(?:, | and | to | of )\d[\d.]*)* million)")     # 7.0, 11.3 and 23.8 million
# powers of ten, as in G; months, which English names; which value stands at a place
NO_NUMBERS = re.compile(r"10(?:\^-?\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\d+ 月|\{\d+\}")


def numbers(text):
    """The numbers in digits of an English or Chinese text: 1.2 million and 120 万 are the same."""
    text = re.sub(r"(?<=\d)[x×](?=\d)", " × ", NO_NUMBERS.sub("", text))
    text = LIST.sub(r"\1 million", text)
    return {Fraction(digits.replace(",", "")) * SCALES.get(unit, 1) for digits, unit in
            ((digits.rstrip(","), unit) for digits, unit in NUMBER.findall(text))}


@pytest.mark.parametrize("one, other, same", [
    pytest.param("1.2 million images", "120 万张图像", True, id="a million is a hundred 万"),
    pytest.param("7.0 of 13.4 million", "1,340 万中的 700 万", True, id="a list in millions"),
    pytest.param("29% of 4,096", "4096 的 29 %", True, id="commas and spaces"),
    pytest.param("5 G at 1x3 in ResNet-18", "在 ResNet-18 的 1×3 上为 5 G", True, id="names and kernels"),
    pytest.param("December 2015", "2015 年 12 月", True, id="months"),
    pytest.param("{} of {}", "{1} 中的 {0}", True, id="places in another order"),
    pytest.param("1.2 million images", "12 万张图像", False, id="a factor of ten"),
    pytest.param("0.29 of 4,096", "4,096 的 29 %", False, id="a share and percent"),
    pytest.param("1x3", "1×5", False, id="another kernel"),
    pytest.param("89.4 % (86.1 % of VGG-19's)", "89.4 %", False, id="one left out"),
])
def test_numbers_are_compared_whatever_their_unit(one, other, same):
    assert (numbers(one) == numbers(other)) == same


@pytest.mark.parametrize("statement", COURSE.statements, ids=lambda statement: statement.id)
def test_both_languages_of_a_statement_have_the_same_numbers(statement):
    texts = [{"en": statement.en, "zh": statement.zh}, statement.correction, statement.note, statement.scope]

    assert [text for text in texts if text and numbers(text["en"]) != numbers(text["zh"])] == []


@pytest.mark.parametrize("name", ["claims.po", "report.po"])
def test_both_languages_of_a_catalogue_have_the_same_numbers(name):
    with (LOCALE / "zh/LC_MESSAGES" / name).open("rb") as file:
        texts = [[text if isinstance(text, str) else text[0] for text in (message.id, message.string)]
                 for message in read_po(file, locale="zh")]

    assert [(key, text) for key, text in texts if numbers(key) != numbers(text) and " " in key] == []   # not "cifar"


def opposed(course, functions):
    """Functions that speak to statements of different verdicts; functions: {slug: {function}}."""
    verdicts = defaultdict(set)
    for statement in course.statements:
        for function in functions.get(statement.slug, ()):
            verdicts[function].add(statement.recorded)
    return {function for function, recorded in verdicts.items() if len(recorded) > 1}


def test_no_test_speaks_for_two_verdicts():
    functions = claims_in(TESTS)
    shared = {"fc-has-too-many-weights": {"f"}, "googlenet-no-fc": {"f", "g"}, "convolution-is-local": {"h"}}

    assert opposed(COURSE, functions) == set() and opposed(COURSE, shared) == {"f"}


@pytest.mark.parametrize("statement", COURSE.statements, ids=lambda statement: statement.id)
def test_only_a_verdict_that_asks_for_other_words_has_a_correction(statement):
    mended = statement.recorded in {"corrected", "refuted"}

    assert bool(statement.correction) == mended and not (mended and statement.note)
    assert statement.correction.get("en") != statement.en and statement.correction.get("zh") != statement.zh
