"""Words of other programs: each is answered by what serves here, and what an answer names is there."""

import re
from collections.abc import Iterator

import pytest
from shidian.errors import StudyError, hint, nearest, slips
from shidian.schema import check, read_schema
from shidian.study.grammar import FUNCTIONS, parse_formula
from shidian.study.indicator_methods import methods, study_schema
from shidian.study.kinds import kinds
from shidian.study.known_keys import elsewhere_than, elsewhere_than_study
from shidian.study.resolve import exhibit_schema
from shidian.well_known import COLUMN, KEY, KIND, table, value_answer, well_known
from shidian.yaml_loader import load

WORDS = [(word, use, one.answer) for one in table() for word in one.words for use in one.uses]
ANY_NAME = {
    "keep",
    "near",
    "x",
    "n",
    "w",
    "did",
    "dose",
    "population",
    "pilots.year",
    "unit",
    "year",
    "2005",
    "2020",
    "1",
}
"""Names of a user's own, and values of keys that take any."""


def said_of(content: object, schema: dict, **more: object) -> str:
    with pytest.raises(StudyError) as caught:
        check(content, schema, "study.yaml", **more)  # type: ignore[arg-type]
    return str(caught.value)


def all_words(node: object) -> Iterator[str]:
    """Every key and every value of an enum in a schema."""
    if isinstance(node, dict):
        yield from map(str, node.get("properties", {}))
        yield from map(str, node.get("enum", []))
        yield str(node.get("const", ""))
        for value in node.values():
            yield from all_words(value)
    elif isinstance(node, list):
        for value in node:
            yield from all_words(value)


@pytest.fixture(scope="module")
def known() -> set[str]:
    schemas = [study_schema(), read_schema("source"), read_schema("exhibit"), *map(exhibit_schema, kinds())]
    return {*all_words(schemas), *kinds(), *FUNCTIONS, *methods(), *ANY_NAME}


def leaves(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from leaves(value)
    else:
        yield str(content)


@pytest.mark.parametrize("one", table(), ids=lambda one: one.words[0])
def test_an_answer_names_what_there_is(one, known):
    quoted = re.findall(r"'([^']+)'", one.answer.replace("Haultfœuille", "").replace("D'", ""))
    for text in quoted:
        if re.search(r"[()^+]", text):
            parse_formula(text)
        for name in leaves(load(text)) if not re.search(r"[()^+]", text) else ():
            for part in re.split(r"#c?\.?", name):
                assert part in known or part == "province", f"{text}: {part}"


@pytest.mark.parametrize(("word", "use", "answer"), WORDS)
def test_each_word_is_answered_where_it_may_stand(word, use, answer):
    if use == KEY:
        text = said_of({"id": "a", "kind": "vif", word: 1}, exhibit_schema("vif"), elsewhere=elsewhere_than("vif"))
    elif use == KIND:
        text = said_of(word, {"format": "exhibit-kind"}, names={"exhibit-kind": kinds()})
    elif use == COLUMN:
        text = said_of([word], {"items": {"format": "fixed-effect"}}, names={"panel-column": ["unit", "revenue"]})
    else:
        with pytest.raises(StudyError) as caught:
            parse_formula(f"{word}(revenue)")
        text = str(caught.value)
    assert f"'{word}'" in text
    plural = [f"(did you mean '{twin}'?)" for twin in (f"{word}s", word.removesuffix("s"))]
    assert f"({answer})" in text or any(twin in text for twin in plural)


@pytest.mark.parametrize(
    ("word", "use", "said"),
    [
        ("i.year", COLUMN, "fixed_effects: [year]"),
        ("C(industry)", COLUMN, "fixed_effects: [year]"),
        ("L2.gdp", COLUMN, "lag(x, 1)"),
        ("industry*year", COLUMN, "unit#c.year"),
        ("Synthetic Control", KIND, "of the kind 'synthetic_did'"),
        ("AWEIGHT", KEY, "weights: population"),
    ],
)
def test_patterns_and_capitals_are_known(word, use, said):
    assert said in well_known(word, use)


def test_no_word_has_two_answers():
    asked = [(word, use) for word, use, _ in WORDS]
    assert sorted({pair for pair in asked if asked.count(pair) > 1}) == []


def test_a_value_is_answered_where_a_valid_one_serves():
    assert "vcov: {kind: hetero}" in value_answer("robust", ["iid", "hetero", "cluster"])
    assert "callaway_santanna" in value_answer("csdid", ["twfe", "callaway_santanna"])
    assert value_answer("drop", ["error", "missing"]) == ""
    text = said_of({"kind": "robust"}, {"properties": {"kind": {"enum": ["iid", "hetero"]}}})
    assert "'robust' is not one of iid, hetero (heteroskedasticity-robust errors" in text


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("did_table", "window", "event_study, honest_did"),
        ("did_table", "sample", "a key of each of its 'columns'"),
        ("goodman_bacon", "title_zh", ""),
        ("vif", "seed", " more"),
        ("vif", "years", "this kind has none; it is a key of"),
        ("vif", "exhibits", "a key of the study, beside 'exhibits'"),
    ],
)
def test_a_key_of_another_place_is_named_there(kind, key, said):
    assert (said in elsewhere_than(kind)(key)) if said else (elsewhere_than(kind)(key) == "")
    text = said_of({"id": "a", "kind": kind, key: 1}, exhibit_schema(kind), elsewhere=elsewhere_than(kind))
    assert f"unknown key '{key}'" in text
    assert said in text


def test_a_key_of_a_column_that_is_the_exhibits_is_said():
    content = {"id": "a", "kind": "did_table", "columns": [{"digits": 3}]}
    text = said_of(content, exhibit_schema("did_table"), elsewhere=elsewhere_than("did_table"))
    assert "at 'columns[1]': unknown key 'digits' (a key of the exhibit itself)" in text
    assert elsewhere_than_study("window").startswith("a key of exhibits, of the kind ")
    assert "event_study, honest_did" in elsewhere_than_study("window")
    assert elsewhere_than_study("nonsense") == ""


@pytest.mark.parametrize(
    ("wrong", "valid"),
    [("weights", "digits"), ("poisson", "comparison"), ("trends", "treatment"), ("bootstrap", "statistics")],
)
def test_a_name_that_only_shares_letters_is_not_near(wrong, valid):
    assert nearest(wrong, [valid]) == ""


@pytest.mark.parametrize(
    ("wrong", "valid"),
    [
        ("contorls", "controls"), ("fixed_effect", "fixed_effects"), ("table_did", "did_table"), ("Outcome", "outcome"),
        ("staggered", "staggered_did"), ("vsr", "vrs"), ("cities", "city"), ("年末总人", "年末总人口"),
    ],
)  # fmt: skip
def test_slips_endings_order_and_case_are_near(wrong, valid):
    assert nearest(wrong, [valid, "something_else"]) == f" (did you mean '{valid}'?)"


def test_what_serves_is_said_before_what_is_near_and_where_else_last():
    assert hint("note", ["notes"], "it is called so") == " (did you mean 'notes'?)"
    assert hint("log", ["log10"], "it is ln") == " (it is ln)"
    assert hint("staggered", ["staggered_did"], "", "elsewhere") == " (did you mean 'staggered_did'?)"
    assert hint("window", ["digits"], "", "elsewhere") == " (elsewhere)"
    assert hint("window", ["digits"], "") == ""
    assert [slips("ab", "ba"), slips("", "abc"), slips("wage", "wgae"), slips("wage", "wages")] == [1, 3, 1, 1]


def test_an_unknown_kind_without_an_answer_lists_the_kinds():
    text = said_of("qwertz", {"format": "exhibit-kind"}, names={"exhibit-kind": ["did_table", "map"]})
    assert text.endswith("'qwertz' is no exhibit kind; there are did_table, map")


@pytest.mark.parametrize(
    ("given", "advice"), [("Rate", "; write 'rate'"), ("GDP per capita", "'gdp_per_capita'"), ("城市", "first")]
)
def test_a_name_in_capitals_is_told_how_names_are_written(given, advice):
    text = said_of({given: 1}, {"propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"}})
    assert "is no name: names are of small letters a-z, digits and _, a letter first" in text
    assert advice in text


@pytest.mark.parametrize("year", [81, 4, "2013Q4", 20134])
def test_a_year_that_is_another_period_is_told_how_periods_are_declared(year):
    schema = {
        "properties": {"first": {"type": "integer", "minimum": 1900, "maximum": 2100, "format": "year-or-period"}}
    }
    text = said_of({"first": year}, schema)
    assert f"at 'first': {year!r} is no year from 1900 to 2100; the study declares quarters" in text
    assert "'period: {kind: quarter}'" in text
