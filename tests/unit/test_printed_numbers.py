"""Printed numbers, marks, years and codes."""

import datetime
import doctest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.regions import names
from shidian.yearbook import grid, numbers
from shidian.yearbook.numbers import (
    cell_kinds,
    cell_text,
    cell_texts,
    clean,
    mark_kind,
    match_key,
    parse_code,
    parse_number,
    parse_year,
)
from shidian.yearbook.plain_numbers import PLAIN_NUMBER


@pytest.mark.parametrize("module", [numbers, grid, names], ids=lambda m: m.__name__)
def test_examples_in_docstrings(module) -> None:  # type: ignore[no-untyped-def]
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_stored_numbers_survive_as_text(value: float) -> None:
    assert parse_number(cell_text(value)) == value


CELLS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(min_value=-1e11, max_value=1e11),
    st.integers(min_value=-(10**12), max_value=10**12).map(lambda n: n / 100),
    st.integers(min_value=-(10**6), max_value=10**6).map(float),
    st.sampled_from([0.0, -0.0, 1e-4, 9.99e-5, 1e10, 9999999999.99, 1e15, 1e16, 5e-324]),
    st.integers(min_value=-(10**25), max_value=10**25),
    st.text(st.characters(exclude_categories=("Cs",))),
    st.booleans(),
    st.dates(),
    st.just(datetime.time(8, 30)),
)


@given(st.lists(CELLS))
def test_texts_of_many_cells_are_those_of_each(values: list[object]) -> None:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    assert cell_texts(cells, cell_kinds(cells)).to_pylist() == list(map(cell_text, values))


@given(st.from_regex(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_plain_numbers_are_read_alike_one_by_one_and_together(text: str) -> None:
    assert pc.match_substring_regex(pa.array([text]), PLAIN_NUMBER).to_pylist() == [True]
    assert pa.array([text]).cast(pa.float64()).to_pylist() == [parse_number(text)] == [float(text)]


@pytest.mark.parametrize("text", ["12\n", " 12", "1,200", "１２", "1.2.3", "12.", ".5", "--1", "", "nan", "٣"])
def test_what_is_not_plain_is_parsed_one_by_one(text: str) -> None:
    assert pc.match_substring_regex(pa.array([text]), PLAIN_NUMBER).to_pylist() == [False]


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_thousands_separators_and_full_width_digits(value: int) -> None:
    printed = f"{value:,}"
    assert parse_number(printed) == value
    assert parse_number(printed.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789,-"})) == value


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.2.3", "1 234", "12,34", "1,2345", "1234①", "12²", "½", "一二", "nan", "inf", "1_000", "12%"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_footnote_marks_are_cut_only_when_declared() -> None:
    assert parse_number("64853①", ("①",)) == 64853
    assert parse_number("64853 *", ("①", "*")) == 64853
    assert parse_number("64853*", ("①",)) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "blank"), ("  ", "blank"), ("—", "dash"), ("——", "dash"), ("-", "dash"), ("－", "dash"),
     ("…", "ellipsis"), ("……", "ellipsis"), ("...", "ellipsis"), ("n.a.", "mark"), ("0", "mark")],
)  # fmt: skip
def test_kinds_of_marks(text: str, kind: str) -> None:
    assert mark_kind(text) == kind


@pytest.mark.parametrize(
    ("value", "year"),
    [(2003.0, 2003), ("2003", 2003), ("2003.0", 2003), ("2003 年", 2003), ("２００３年", 2003),
     (2003.5, None), ("201①", None), ("03", None), (20030, None),
     (True, None), ("", None), (None, None), (1899, None)],
)  # fmt: skip
def test_years(value: object, year: int | None) -> None:
    assert parse_year(value) == year


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [(110000.0, "gb2260", "110000"), ("110000", "gb2260", "110000"), ("110000000000", "gb2260", "110000"),
     (1100, "gb2260", None), ("11000O", "gb2260", None), (1.0, "plain", "1"), ("A-1", "plain", "A-1"),
     ("", "plain", None)],
)  # fmt: skip
def test_codes(value: object, kind: str, code: str | None) -> None:
    assert parse_code(value, kind) == code


def test_what_two_printings_have_in_common() -> None:
    assert match_key("地 区\n Regions") == match_key("地区Regions")
    assert match_key("（万元）") == match_key("(万元)")
    assert match_key("哈密\u200b") == "哈密"
    assert match_key("GDP①") != match_key("GDP1")
    assert clean(" a \r\n b ") == "a b"
