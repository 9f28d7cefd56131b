"""The page's words: English and Chinese match one to one, with the same places to fill; numbers read well."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from lab.report.language import catalogue, numbers, words
from lab.report.language.extraction import claims

REPORT = Path(words.__file__).parents[1]
TESTS = REPORT.parents[1]
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
KEYWORDS = {**dict.fromkeys(("t", "mark", "plain", "say")), **dict.fromkeys(("tn", "many"), (1, 2))}
CLAIMS = [path for place in ("lecture", "exercises", "benchmarks", "lab")
          for path in sorted(TESTS.glob(f"{place}/**/*.py"))]
WORD = re.compile(r"(?<![\w'.])[a-z]{2,}(?!\w)")  # names of nets and layers have capitals or digits


@pytest.fixture(scope="module")
def extracted():
    """Texts in the code and the templates, by the singular."""
    found = extract_from_dir(REPORT, METHODS, keywords=KEYWORDS)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


@pytest.fixture(scope="module")
def chinese():
    with (catalogue.LOCALE / "zh/LC_MESSAGES/report.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="zh") if message.id]
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in messages}


def test_every_text_of_the_page_has_its_chinese_and_none_is_left_over(extracted, chinese):
    assert extracted == set(chinese)


@pytest.fixture(scope="module")
def kept():
    """English words that Chinese texts keep, such as batch and dropout."""
    with (catalogue.LOCALE / "zh/LC_MESSAGES/claims.po").open("rb") as file:
        return {word for message in read_po(file, locale="zh") for word in WORD.findall(message.string)}


@pytest.mark.parametrize("path", CLAIMS, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_what_claims_say_has_its_chinese_in_claims_po(path, kept):
    with path.open("rb") as file:
        said = {text for _, _, text, _ in claims(file, [], [], {})}

    def english(text):
        """Words of its Chinese that stand in none of the others; a place to fill is no word, nor is an option."""
        return set(WORD.findall(re.sub(r"{\w+}|--\w+", "", catalogue.translated(text, "zh")))) - kept

    assert [text for text in said if english(text)] == []


@pytest.mark.parametrize("text, chinese", [
    pytest.param("Parameters from 7 to 11 channels", "7 到 11 通道的参数量", id="places of numbers"),
    pytest.param("Effect of dropout: test accuracy", "dropout 的作用：测试准确率", id="places of words"),
    pytest.param("of 3 epochs", "（共 3 个 epoch）", id="the longest pattern that fits"),
    pytest.param("what no catalogue knows", "what no catalogue knows", id="an unknown text stays English"),
    pytest.param("x" * 301, "x" * 301, id="a long one too"),
])
def test_a_text_put_together_is_translated_by_its_pattern(text, chinese):
    assert catalogue.translated(text, "zh") == chinese


@pytest.mark.parametrize("name, shown", [
    pytest.param("gap shrinks-none left out", "gap shrinks · none left out", id="two ids"),
    pytest.param("VGG-16", "VGG-16", id="a name with a dash"),
    pytest.param("MobileNetV2 against ResNet-18", "MobileNetV2 against ResNet-18", id="such a name in a sentence"),
    pytest.param("LeNet-5 of 1998-MNIST as it is", "LeNet-5 of 1998 · MNIST as it is", id="both"),
])
def test_the_ids_that_pytest_joined_are_told_apart(name, shown):
    assert f">{shown}</i>" in words.case_name(name) or words.case_name(name) == shown


def test_translations_fill_the_same_places(chinese):
    def places(text):
        return set(re.findall(r"{\w+}", text))
    wrong = [text for text, message in chinese.items()
             for one in (message.string if isinstance(message.string, tuple) else [message.string])
             if places(text) != places(one) or not one]

    assert wrong == []


@pytest.mark.parametrize("name", sorted(path.name for path in catalogue.LOCALE.glob("*/LC_MESSAGES/*.po")))
def test_no_translation_is_marked_as_uncertain(name):
    with (catalogue.LOCALE / "zh/LC_MESSAGES" / name).open("rb") as file:
        assert [message.id for message in read_po(file, locale="zh") if message.id and message.fuzzy] == []


def test_an_empty_text_stays_empty():
    assert words.data("") == ""  # gettext keeps a catalogue's header under ""


@pytest.mark.parametrize("value, text", [
    pytest.param(201_326_592, "201,326,592", id="a count keeps all digits"),
    pytest.param(74.34121, "74.34", id="a measurement has four"),
    pytest.param(0.01, "0.01", id="a declared number stays as written"),
    pytest.param(1e-4, "10⁻⁴", id="a power of ten"),
    pytest.param(-2.5e-7, "−2.5\u2009×\u200910⁻⁷", id="a small number, negative"),
    pytest.param(5.0, "5", id="a whole number"),
    pytest.param(float("nan"), "nan", id="not a number"),
    pytest.param(True, "yes", id="a truth value"),
    pytest.param(None, "", id="nothing"),
    pytest.param([1, 2.5, [3, 4]], "1; 2.5; [3, 4]", id="a nested list"),
    pytest.param([1, 1000], "1; 1,000", id="a list of counts"),
    pytest.param(list(range(20)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (20)", id="a long list"),
])
def test_numbers_read_well(value, text):
    assert numbers.number(value) == text


@pytest.mark.parametrize("value, text", [
    (0.0123, "12 ms"), (0.999, "999 ms"), (1.0, "1.0 s"), (1.5, "1.5 s"), (3.21, "3.2 s"), (100, "1 min 40 s"),
    (754, "12 min 34 s")])
def test_durations_read_well(value, text):
    assert numbers.seconds(value) == text


@pytest.mark.parametrize("values, texts", [
    pytest.param([14.6, 9.5, 10.0], ["14.60", "9.50", "10.00"], id="one number of decimals"),
    pytest.param([95.125, None, "nan"], ["95.12", "", "nan"], id="what is no number stays"),
    pytest.param([3, 1200], ["3", "1,200"], id="counts"),
    pytest.param([12345.6, 0.5], ["12,346", "0"], id="more than four digits"),
    pytest.param([], [], id="nothing"),
])
def test_a_column_reads_as_one(values, texts):
    assert numbers.column(values) == texts


def test_powers_in_units_are_raised():
    assert numbers.raised("10^9 multiply-adds, m^-2") == "10⁹ multiply-adds, m⁻²"


def test_what_claims_say_is_found_for_translators():
    source = b'''
COUNTED = "weights alone"
PLAIN, WIDE = trained("plain", Net), trained("wide", Net, width=8)
@claim("slug", no_counterexample="reason")
@pytest.mark.parametrize("k", [pytest.param(1, marks=counterexample("too narrow"))])
def test_it(k, evidence):
    """A sentence.

    More about it.
    """
    laboratory.compare({PLAIN: 1, WIDE: -1}, metric="training loss", margin=k)
    evidence.measured("width", k, unit="px", source="a paper", convention=COUNTED)
    evidence.figure("bars", "Widths", labels=["one", f"{k} of"], values=[1, 2])
@claim("other")
@pytest.mark.parametrize("net, lost", [pytest.param(PLAIN, "pixels lost", id="first")])
def test_with_its_metric(net, lost, laboratory):
    """Another."""
    laboratory.compare({net: 1}, metric=lost, margin=1)
def test_other():
    """No claim."""
def need():
    raise NeedsDevice(f"needs {device}")
'''

    assert {text for _, _, text, _ in claims(BytesIO(source), [], [], {})} == {
        "A sentence.", "too narrow", "width", "px", "Widths", "one", "{} of", "weights alone", "plain", "wide",
        "training loss", "Another.", "pixels lost", "first", "needs {}"}
