"""course.toml: each slip is a sentence that names the line or the statement, and all of them are told at once."""

import pytest

from lab.claims.course import CourseError, read
from selfcheck.small_lecture import COURSE

GOOD = COURSE.format(finished="false")
ZH = 'zh = "二加二得四。"'
KIND = 'kind = ["exact"]'


def problems(path):
    """What the reader refuses the file for."""
    with pytest.raises(CourseError) as refused:
        read(path)
    return str(refused.value).splitlines()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "course.toml"


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param('"S1"', "S1", "line 8, column 6: Invalid value; write a text in straight quotes", id="unquoted id"),
    pytest.param(ZH, "zh = “四”", "line 11, column 6: Invalid value; write a text in straight", id="curly quotes"),
    pytest.param(ZH, 'zh = "四', "line 11, column 8: Illegal character '\\n'; write the quote", id="a quote missing"),
    pytest.param(ZH, r'zh = "$\sum$"', "Unescaped '\\' in a string; write a text with a backslash in single", id="sum"),
    pytest.param('en = "Sums"', 'en = "a"\nen = "b"', "line 5, column 9: Cannot overwrite a value; delete", id="twice"),
    pytest.param("[[section]]", '[[section.statement]]\nid = "S0"\n[[section]]', "each [[section.statement]] stands",
                 id="statement above its section"),
    pytest.param("false", "False", "true and false in small letters", id="False"),
    pytest.param('"S1"', "1", "line 8: two-and-two has id = 1; write a text in quotes.", id="id is a number"),
    pytest.param('en = "Two and two are four."', "en = 4", "line 10: S1 has en = 4; write", id="text is a number"),
    pytest.param(ZH, "", "line 7: S1 lacks zh; add zh = ..., a text in quotes.", id="a language is absent"),
    pytest.param('id = "S1"\n', "", "line 7: two-and-two lacks id; add", id="id is absent"),
    pytest.param(ZH, 'zh = " "', "line 11: S1 has an empty text in zh; write it.", id="a language is empty"),
    pytest.param(KIND, KIND + '\nsource = "x"', "line 13: S1 has an unknown entry, source; use", id="unknown entry"),
    pytest.param('id = "S"', 'id = "S"\ntitle = "x"', "line 4: S has an unknown entry, title; use some of id",
                 id="unknown entry of a section"),
    pytest.param(KIND, 'kind = "exact"', "line 12: S1 has kind = 'exact'; write a list of texts", id="kind"),
    pytest.param(KIND, KIND + '\nsources = "A"', "line 13: S1 has sources = 'A'; write a list", id="sources"),
    pytest.param("false", '"no"', "line 6: S has finished = 'no'; write true or false, without quotes.", id="finished"),
    pytest.param('{ en = "They are five.", zh = "得五。" }', '"five"', "has correction = 'five'; write texts in braces",
                 id="correction without languages"),
    pytest.param(ZH, r'zh = "$3\times 3$"', "line 11: S1 has a control character, '\\t', in zh; write", id="times"),
    pytest.param(ZH, r'zh = "$\frac 1 2$"', "line 11: S1 has a control character, '\\x0c', in zh; write", id="frac"),
    pytest.param("[[section]]", "[section]", "course.toml has no section; write its first below", id="single brackets"),
    pytest.param("[[section.statement]]", "[[statement]]", "course.toml has statement outside the sections; write",
                 id="statement outside the sections"),
])
def test_a_slip_in_the_lecture_is_a_sentence_that_names_its_place(file, old, new, sentence):
    assert GOOD.count(old) >= 1
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    [problem] = problems(file)

    assert problem.startswith("course.toml") and sentence in problem


@pytest.mark.parametrize("content, sentence", [
    pytest.param(b"", "course.toml has no section; write its first", id="empty"),
    pytest.param(GOOD.partition("[[section.st")[0].encode(), "S has no statement; write its first", id="no statements"),
    pytest.param(GOOD.encode("gbk"), "isn't UTF-8 text (invalid continuation byte): save it as UTF-8", id="GBK"),
    pytest.param(GOOD.encode("utf-16"), "isn't UTF-8 text (invalid start byte): save it as UTF-8", id="UTF-16"),
])
def test_a_file_that_is_no_lecture_says_what_it_lacks(file, content, sentence):
    file.write_bytes(content)
    [problem] = problems(file)

    assert sentence in problem


@pytest.mark.parametrize("text, encoding", [
    pytest.param(GOOD, "utf-8-sig", id="byte-order mark"),
    pytest.param(GOOD.replace("\n", "\r\n"), "utf-8", id="line ends of Windows"),
    pytest.param(GOOD.replace('correction = { en = "They are five.", zh = "得五。" }',
                              '[section.statement.correction]\nen = "They are five."\nzh = "得五。"'), "utf-8",
                 id="correction as a table"),
])
def test_a_file_from_any_editor_is_read(file, text, encoding):
    file.write_bytes(text.encode(encoding))
    plain = file.with_name("plain.toml")
    plain.write_text(GOOD, encoding="utf-8")

    assert read(file).sections == read(plain).sections


def test_all_slips_are_told_at_once(file):
    file.write_text(GOOD.replace(KIND, 'kind = "exact"').replace(ZH, ""), encoding="utf-8")

    assert [problem.partition(";")[0] for problem in problems(file)] == [
        "course.toml, line 7: S1 lacks zh", "course.toml, line 12: S1 has kind = 'exact'",
        "course.toml, line 20: S2 has kind = 'exact'"]


def test_all_contradictions_are_told_at_once(file):
    file.write_text(GOOD.replace("exact", "exakt"), encoding="utf-8")

    assert [problem.partition(" has kind")[0] for problem in problems(file)] == ["course.toml: S1", "course.toml: S2"]


OURS, NOTE = 'origin = "ours"', 'note.en = "And so on."\nnote.zh = "以此类推。"\n'
TRAINED = ('kind = ["exact"]\nrecorded = "confirmed"', 'kind = ["trained"]\nrecorded = "confirmed"')
IN_THE_NOTES = 'origin = "notes"\nplace = "L1, sentence {}"'


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param(OURS, 'origin = "theirs"', "S1 has origin 'theirs'; use one of notes, notebook, paper, ours.",
                 id="unknown origin"),
    pytest.param(OURS, 'origin = "notes"', "S1 has origin 'notes' and place ''; write where it stands", id="no place"),
    pytest.param(OURS, OURS + '\nexplore = "countr"', "S1 has explore 'countr'; use one of counter, reduction,",
                 id="unknown explorable"),
    pytest.param(OURS, 'origin = "notebook"\nplace = "page 7"', "and place 'page 7'; write where it stands, as in",
                 id="a place that is no sentence"),
    pytest.param(OURS, OURS + '\nplace = "L1, sentence 1"', "S1 has a place, 'L1, sentence 1', and origin 'ours'; only",
                 id="a place astray"),
    pytest.param(OURS, 'origin = "paper"', "S1 has origin 'paper' and no source; name the paper", id="which paper"),
    pytest.param(OURS, IN_THE_NOTES.format(2), "no statement speaks to L1, sentence 1, of origin notes; add one",
                 id="a sentence left out"),
    pytest.param("correction = {", NOTE + "correction = {", "S2 has a note, but is recorded as refuted; a note adds",
                 id="a note on a refuted statement"),
    pytest.param(OURS, OURS + '\nnote.en = "More."', "S1 has note in en alone; write note.en and note.zh.",
                 id="half a note"),
    pytest.param(OURS, OURS + '\nscope.zh = "小网络。"', "S1 has scope in zh alone; write scope.en and scope.zh.",
                 id="half a scope"),
    pytest.param(*TRAINED, "S1 is of kind trained without scope; write scope.en and scope.zh: what", id="no scope"),
    pytest.param(OURS, OURS + "\npublished = true", "S1 is published without a source or a test; name in sources",
                 id="published nowhere"),
    pytest.param(OURS, OURS + '\nwas = ["S2"]', "S1 was S2, which stands elsewhere as well; an old id leads",
                 id="an old id that is in use"),
    pytest.param(OURS, OURS + "\npublished = 1", "line 15: S1 has published = 1; write true or false", id="a number"),
])
def test_an_origin_a_note_or_a_scope_that_contradicts_the_rest_is_a_sentence(file, old, new, sentence):
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    [problem] = problems(file)

    assert problem.startswith("course.toml") and sentence in problem


def test_several_statements_may_speak_to_one_sentence(file):
    placed = GOOD.replace(OURS, IN_THE_NOTES.format(1)) + NOTE.replace("note", "scope")
    file.write_text(placed, encoding="utf-8")

    assert [statement.place for statement in read(file).statements] == ["L1, sentence 1"] * 2


TASK = """
[[task]]
id = "S1"
adapter = "two_and_two"
points = 2
statement = "two-and-two"
visibility = "visible"
[[task.hint]]
slug = "added-twice"
en = "It is added twice."
zh = "加了两次。"
"""


def test_tasks_and_their_hints_are_read(file):
    file.write_text(GOOD + TASK, encoding="utf-8")
    [task] = read(file).tasks

    assert (task.mark, task.points, [hint.slug for hint in task.hints]) == ("task_S1", 2, ["added-twice"])


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param("points = 2", 'points = "2"', "line 28: S1 has points = '2'; write a whole number", id="a text"),
    pytest.param("points = 2", "points = 0", "task S1 has 0 points; write 1 or more.", id="no points"),
    pytest.param('"S1"', '"S 1"', "task S 1 has an id that pytest -m can't take; use letters", id="id"),
    pytest.param('"two_and_two"', '"2 and 2"', "has the adapter '2 and 2'; write the name of a Python", id="adapter"),
    pytest.param('"two-and-two"', '"two-and-ten"', "is about 'two-and-ten', which no statement", id="statement"),
    pytest.param('"visible"', '"seen"', "has the visibility 'seen'; use one of visible, after", id="visibility"),
    pytest.param('"added-twice"', '"Added"', "has the hint 'Added'; use small letters, digits and dashes", id="slug"),
    pytest.param('zh = "加了两次。"', "", "line 31: added-twice lacks zh; add zh = ..., a text", id="half a hint"),
    pytest.param("[[task.hint]]", "[[task]]", "S1 has no hint; write its first below the line [[task", id="no hint"),
])
def test_a_slip_in_a_task_is_a_sentence(file, old, new, sentence):
    file.write_text(GOOD + TASK.replace(old, new, 1), encoding="utf-8")

    assert any(sentence in problem for problem in problems(file))


@pytest.mark.parametrize("name", ["id", "adapter"])
def test_a_task_that_stands_twice_is_told(file, name):
    other = {"id": TASK.replace("two_and_two", "more"), "adapter": TASK.replace('"S1"', '"S2"')}[name]
    file.write_text(GOOD + TASK + other, encoding="utf-8")
    [problem] = problems(file)

    assert f"two tasks have the {name}" in problem
