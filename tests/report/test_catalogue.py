"""Every sentence of the code is in the catalogue of each language, whole, with the arguments it has in English."""

import string

import pytest
from babel.messages.pofile import read_po
from shidian.code_digests import PACKAGE
from shidian.messages import behind, capital, counted, in_turn, joined, number, read_behind, say, with_names
from shidian.report.catalogue import Chinese, catalogues, language, templates
from shidian.report.catalogue_files import said_in, templates_said


def arguments(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_each_file_holds_what_its_folder_says():
    """``make docs`` writes the files; a sentence that is new or gone shows here."""
    written = {}
    for path in catalogues("zh"):
        with path.open("rb") as file:
            written[path] = sorted(str(m.id) for m in read_po(file) if m.id)
    assert written == templates_said("zh")


def test_every_sentence_has_its_chinese():
    known = templates("zh")
    lacking = [
        f"{path.relative_to(PACKAGE)}: {text}"
        for path, texts in templates_said("zh").items()
        for text in texts
        if text not in known
    ]
    assert lacking == []


def test_a_template_says_the_same_wherever_it_is_said():
    """One text has one translation: of files that differ the last would count."""
    found: dict[str, set[str]] = {}
    for path in catalogues("zh"):
        with path.open("rb") as file:
            for message in read_po(file):
                found.setdefault(str(message.id), set()).add(str(message.string))
    assert {text: chinese for text, chinese in found.items() if text and len(chinese) > 1} == {}


def test_a_translation_takes_the_arguments_of_its_template():
    wrong = [text for text, chinese in templates("zh").items() if not arguments(chinese) <= arguments(text)]
    assert wrong == []


def test_templates_are_written_out():
    """A template made up at run time could not be looked up."""
    made_up = [
        f"{path.name}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "messages"
        for template, line in said_in(path)
        if template is None
    ]
    assert made_up == []


def test_a_sentence_is_said_again_in_another_language():
    zh = Chinese({"{n} left out": "剔除 {n}", "row": "行", "{what} and more": "{what}等"})
    assert say("row") == "row"  # a noun that was also said alone
    rows = counted(2, "row")
    words = say("{n} left out", n=rows)
    assert words == "2 rows left out"
    assert words.text(zh) == "剔除 2 行"
    assert say("{what} and more", what=str(words)).text(zh) == "剔除 2 行等"
    assert say("{what} and more", what=ValueError(words)).text(zh) == "剔除 2 行等"


@pytest.mark.parametrize(
    ("by", "english", "chinese"),
    [("list", "a, b, c", "a、b、c"), ("and", "a, b and c", "a、b和c"), ("either", "a or b or c", "a或b或c"),
     ("clauses", "a; b; c", "a；b；c"), ("sentences", "a b c", "abc")],
)  # fmt: skip
def test_lists_are_joined_as_the_language_does(by, english, chinese):
    words = joined(["a", "b", "c"], by)
    assert words == english
    assert words.text(Chinese({})) == chinese


def test_counts_of_columns_are_given_in_turn():
    zh = Chinese({"Rows: {n} of {units}": "行数：{n}，{units}"})
    words = in_turn(say("Rows: {n} of {units}", n=n, units=counted(3, "city")) for n in (10, 20))
    assert words == "Rows, columns in turn: 10, 20 of 3 cities"
    assert words.text(zh) == "行数（各列依次）：10、20，3 个city"


def test_a_word_alone_is_an_argument_and_no_text():
    """Else the user's own word, or a word of a table, would be taken for it; words that no message of ours is."""
    assert say("{n} rows", n=number(0, none="nought")) == "nought rows"
    assert say("{n} rows", n=number(0, none="nought")).text(Chinese({"{n} rows": "{n} 行"})) == "0 行"
    assert say("{what} effects", what=capital("borough")) == "Borough effects"
    assert not behind(["nought", "Borough", joined([])])


def test_names_within_a_sentence_are_replaced_and_nothing_else():
    words = with_names(say("by {by} (unit)", by=joined(["unit", "year"], "and")), lambda n: {"unit": "city"}.get(n, n))
    assert words == "by city and year (unit)"


def test_what_is_behind_a_text_outlives_its_process():
    words = say("{a:.2f} of {b}", a=0.123, b=joined(["x", capital("y")]))
    assert words == "0.12 of x, Y"
    again = read_behind(behind([words, "never said"]))
    assert set(again) == {words}
    assert again[words].text(language("en")) == words


def test_chinese_words_stand_without_the_blanks_that_latin_letters_have():
    zh = Chinese({"Column {name}: {n} rows": "第 {name} 列：{n} 行"})
    for name, chinese in (("(1)", "第 (1) 列：3 行"), ("堆叠回归", "第堆叠回归列：3 行")):
        assert say("Column {name}: {n} rows", name=name, n=3).text(zh) == chinese
