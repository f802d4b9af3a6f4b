"""Heads, headings and row labels of an exhibit in the language of the report."""

import pytest
from shidian.study.plan import numbered
from shidian.study.printed_words import in_one_language

SPEC = {
    "columns": [{"label": "(1)", "head": {"en": "East", "zh": "东部"}, "heading": "GDP",
                 "footer": {"Weather": {"zh": "是"}}}],
    "row_labels": {"n_obs": {"en": "Observations", "zh": "观测值"}, "en": "English", "zh": "Chinese"},
    "sample": {"keep": {"en": 1, "zh": 2}},
    "numbers": [{"what": {"en": "Effect", "zh": "效应"}, "at": "a.b"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "head", "weather", "n_obs", "what"),
    [("en", "East", "是", "Observations", "Effect"), ("zh", "东部", "是", "观测值", "效应")],
)
def test_printed_words_are_those_of_the_language_or_the_one_that_is_there(lang, head, weather, n_obs, what):
    said = in_one_language(SPEC, lang)
    assert said["columns"] == [{"label": "(1)", "head": head, "heading": "GDP", "footer": {"Weather": weather}}]
    assert said["row_labels"] == {"n_obs": n_obs, "en": "English", "zh": "Chinese"}  # variables of these names
    assert (said["sample"], said["numbers"]) == (SPEC["sample"], [{"what": what, "at": "a.b"}])


@pytest.mark.parametrize(
    ("number", "chinese"),
    [("Table 3", "表3"), ("Figure A1", "图A1"), ("Section 5.3.1", "第5.3.1节"), ("附图 2", "附图 2")],
)
def test_numbers_are_printed_as_chinese_papers_do(number, chinese):
    assert (numbered(number, "en"), numbered(number, "zh")) == (number, chinese)
